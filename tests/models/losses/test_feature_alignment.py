import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision
from support.models import loader_batch, small_estimator
from support.predictions import features_of
from support.user_errors import user_error

from mdetools.models.losses import feature_alignment_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss, example_targets


def random_features(seed, shape=(3, 6, 4, 5)):
    """Features and their target, of cosines from low to high."""
    rng = np.random.default_rng(seed)
    target = rng.normal(0, 1, shape)
    noise = rng.uniform(0.1, 1.2, (shape[0], 1, *shape[2:]))
    return (target + noise * rng.normal(0, 1, shape)).astype(np.float32), target.astype(np.float32)


def cosines(features, target):
    """Pixel by pixel, in float64."""
    features, target = features.astype(np.float64), target.astype(np.float64)
    found = np.zeros((len(features), *features.shape[2:]))
    for b, y, x in np.ndindex(found.shape):
        one, other = features[b, :, y, x], target[b, :, y, x]
        with np.errstate(invalid="ignore"):  # of a vector of zeros
            found[b, y, x] = one @ other / np.sqrt(one @ one) / np.sqrt(other @ other)
    return found


def written_out(features, target, limit=0.85):
    similarity = cosines(features, target)
    return np.mean([1 - s for s in similarity.ravel() if s <= limit])


@pytest.mark.parametrize("limit", [0.5, 0.85, 1.0])
def test_value(limit):
    features, target = random_features(0)
    assert 0 < (cosines(features, target) > 0.85).sum() < 60
    loss = feature_alignment_loss(torch.tensor(features), torch.tensor(target), ignore_above_similarity=limit)
    assert loss.item() == pytest.approx(written_out(features, target, limit), rel=1e-5)


def test_gradient():
    """Skipped pixels have none, and do not thin that of the others."""
    features, target = random_features(1, (2, 3, 3, 4))
    assert (cosines(features, target) > 0.85).any()
    assert_gradient(
        lambda values: feature_alignment_loss(values, torch.tensor(target)),
        lambda values: written_out(values, target),
        torch.tensor(features),
    )


def test_empty():
    features, target = (torch.tensor(one) for one in random_features(2))
    nobody = torch.zeros(3, dtype=torch.bool)
    assert_empty(lambda values: feature_alignment_loss(values, target, nobody), features)
    assert_empty(lambda values: feature_alignment_loss(values, torch.full_like(target, torch.nan)), features)
    assert_empty(lambda values: feature_alignment_loss(values, 2 * features), features)  # all above the limit


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    features, target = random_features(3)
    assert_half_precision(
        lambda values: feature_alignment_loss(values, torch.tensor(target)),
        lambda values: written_out(values, target),
        torch.tensor(features).to(dtype),
        rel=1e-5,
    )


def test_battery():
    loss = LOSSES.build({"type": "FeatureAlignmentLoss"})
    check_loss(loss, "inverse_depth", lambda values: {"inverse_depth": values, "features": features_of(values)}, False)


def test_what_is_missing_is_named():
    loss, values = LOSSES.build({"type": "FeatureAlignmentLoss"}), torch.ones(2, 8, 3, 4)
    user_error(lambda: loss({"depth": values}, {}), "needs the backbone's `features`; the model gives depth")
    user_error(lambda: loss({"features": [values]}, {"image": values}), "needs targets with `features`")
    for other in (torch.ones(2, 8, 6, 8), torch.ones(2, 5, 3, 4)):
        channels, height, width = other.shape[1:]
        user_error(
            lambda target=other: loss({"features": [values]}, {"features": target}),
            f"the backbone's last map has 8 channels of 3x4, the targets' `features` have {channels} channels of "
            f"{height}x{width}: use a frozen encoder",
        )
    user_error(lambda: LOSSES.build({"type": "FeatureAlignmentLoss", "on": "x"}), "on='x'; expected one of: labelled")


def test_lengths_do_not_matter():
    features, target = (torch.tensor(one) for one in random_features(4))
    expected = feature_alignment_loss(features, target)
    longer = torch.rand(3, 1, 4, 5) * 1e4
    torch.testing.assert_close(feature_alignment_loss(longer * features, target / 50), expected)
    half = (1e4 * features / features.abs().max()).half().requires_grad_()
    value = feature_alignment_loss(half, target)
    value.backward()
    assert value.item() == pytest.approx(written_out(half.detach().float().numpy(), target.numpy()), rel=1e-4)
    assert half.grad.isfinite().all()


def test_vectors_of_zeros_are_not_counted_and_nan_stays():
    features, target = random_features(5)
    features[0, :, 1, 2], target[1, :, 0, 0], target[2] = 0, 0, np.nan
    similarity = cosines(features, target)  # NaN at these
    leaf = torch.tensor(features).requires_grad_()
    value = feature_alignment_loss(leaf, torch.tensor(target))
    value.backward()
    assert value.item() == pytest.approx((1 - similarity[similarity <= 0.85]).mean(), rel=1e-5)
    assert leaf.grad.isfinite().all() and not leaf.grad[2].any() and not leaf.grad[0, :, 1, 2].any()
    features[0, 0, 0, 0] = np.nan
    assert feature_alignment_loss(torch.tensor(features), torch.tensor(target)).isnan()


def test_the_last_map_of_a_part_of_the_batch():
    targets = example_targets() | {"unlabelled": torch.tensor([False, True])}
    features = [torch.ones(2, 4, 6, 8), torch.randn(2, 8, 3, 4, generator=torch.Generator().manual_seed(0))]
    loss = LOSSES.build({"type": "FeatureAlignmentLoss", "on": "unlabelled", "weight": 2.0})
    expected = 2 * feature_alignment_loss(features[1][1:], targets["features"][1:])
    torch.testing.assert_close(loss({"features": features}, targets), expected)
    del targets["unlabelled"]  # then all are labelled
    assert loss({"features": features}, targets) == 0


def test_in_a_model():
    """It is the backbone's last map that is drawn to the frozen one's, and the head has no part in it."""
    model = small_estimator("inverse_depth", dict(features=dict(type="FeatureAlignmentLoss")))
    data = model.data_preprocessor(loader_batch())
    own = model(data["image"])["features"][-1]
    noise = torch.randn(own.shape, generator=torch.Generator().manual_seed(0))
    data["targets"]["features"] = own.detach() + noise
    found = model(**data, mode="loss")["loss_features"]
    torch.testing.assert_close(found, feature_alignment_loss(own, data["targets"]["features"]))
    found.backward()
    assert any(parameter.grad.any() for parameter in model.backbone.parameters())
    assert all(parameter.grad is None for parameter in model.head.parameters())
