"""Against torch's own loss in float64, and against the formula written out."""

import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision
from support.user_errors import user_error

from mdetools.models.losses import cross_entropy
from mdetools.models.losses.cross_entropy import nan_if_any
from mdetools.registry import LOSSES
from mdetools.testing import check_loss, example_prediction, example_targets

HOLES = {"semantic": 255, "label": -1}
WEIGHTS = [0.5, 2.0, 0.0, 1.0, 3.0]


def build(**options):
    return LOSSES.build({"type": "CrossEntropyLoss", **options})


def random_classes(seed, shape=(3, 4, 5, 6)):
    """Logits (B, K, H, W), classes (B, H, W), and what is known; the last image has nothing."""
    rng = np.random.default_rng(seed)
    known = rng.random((shape[0], *shape[2:])) < 0.7
    known[-1] = False
    logits = rng.normal(0, 3, shape).astype(np.float32)
    return logits, rng.integers(0, shape[1], known.shape), known


def written_out(logits, classes, known, weights=None, smoothing=0.0):
    """Loops over the pixels, in float64."""
    count = logits.shape[1]
    weights = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    total, norm = 0.0, 0.0
    for place in np.argwhere(known):
        row = logits.astype(np.float64)[(place[0], slice(None), *place[1:])]
        log_shares = row - row.max() - np.log(np.exp(row - row.max()).sum())
        own = classes[tuple(place)]
        shares = np.full(count, smoothing / count)
        shares[own] += 1 - smoothing
        total -= (shares * weights * log_shares).sum()
        norm += weights[own]
    return total / norm


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, [0.5, 2.0, 0.0, 1.0]])
def test_value(weights, smoothing):
    logits, classes, known = random_classes(0)
    tensor = None if weights is None else torch.tensor(weights)
    found = cross_entropy(*map(torch.from_numpy, (logits, classes, known)), tensor, smoothing)
    assert found.item() == pytest.approx(written_out(logits, classes, known, weights, smoothing), rel=1e-5)


def test_gradient():
    logits, classes, known = random_classes(1, (2, 3, 3, 2))
    assert_gradient(
        lambda values: cross_entropy(values, torch.from_numpy(classes), torch.from_numpy(known)),
        lambda values: written_out(values, classes, known),
        torch.from_numpy(logits),
    )


@pytest.mark.parametrize("soft", [False, True])
def test_empty(soft):
    logits, classes, known = map(torch.from_numpy, random_classes(2))
    target = logits.softmax(1) if soft else classes
    for weights in (None, torch.ones(4)):
        assert_empty(lambda values, own=weights: cross_entropy(values, target, known & False, own), logits)


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    logits, classes, known = random_classes(3)
    assert_half_precision(
        lambda values: cross_entropy(values, torch.from_numpy(classes), torch.from_numpy(known)),
        lambda values: written_out(values, classes, known),
        torch.from_numpy(logits).to(dtype),
        rel=1e-5,
    )


@pytest.mark.parametrize("quantity", ["logits", "scores"])
@pytest.mark.parametrize("options", [{}, dict(label_smoothing=0.1, class_weights=WEIGHTS)], ids=["plain", "options"])
def test_battery(quantity, options):
    check_loss(build(**options), quantity)


def test_what_is_missing_is_named():
    values = torch.zeros(1, 3, 2, 2)
    user_error(lambda: build()({"depth": values[:, :1]}, {}), "needs a prediction of `logits`; the head gives `depth`")
    user_error(lambda: build()({"logits": values}, {"image": values}), "needs targets with `semantic`")
    user_error(lambda: build()({"scores": values[..., 0, 0]}, {"image": values}), "needs targets with `label`")
    user_error(lambda: build(on="x"), "on='x'; expected one of: labelled, unlabelled, None")
    user_error(lambda: build(label_smoothing=1), "label_smoothing=1; expected 0 or more, below 1")
    user_error(lambda: build(class_weights=[1, -2]), "class_weights[1]=-2; expected 0 or more, and finite")
    shares = {"label": torch.full((1, 4), 0.25)}
    user_error(lambda: build()({"scores": values[..., 0, 0]}, shares), "shares of 4 classes, and the head gives 3")
    semantic = {"semantic": torch.zeros(1, 1, 2, 2, dtype=torch.int64)}
    user_error(
        lambda: build(class_weights=[1, 1])({"logits": values}, semantic), "2 class_weights for 3 classes", "one per"
    )


@pytest.mark.parametrize(("quantity", "field"), [("logits", "semantic"), ("scores", "label")])
@pytest.mark.parametrize("options", [{}, dict(label_smoothing=0.2), dict(class_weights=WEIGHTS, label_smoothing=0.2)])
def test_as_torch_has_it(quantity, field, options):
    targets = example_targets()
    targets["label"][1] = -1
    values = example_prediction(quantity, targets)
    target = targets[field].squeeze(1) if field == "semantic" else targets[field]
    expected = torch.nn.functional.cross_entropy(
        values.double(),
        target,
        torch.tensor(options["class_weights"]).double() if "class_weights" in options else None,
        ignore_index=HOLES[field],
        label_smoothing=options.get("label_smoothing", 0.0),
    )
    found = build(weight=2.0, **options)({quantity: values}, targets)
    assert found.item() == pytest.approx(2 * expected.item(), rel=1e-6)


def test_shares_of_classes_as_mixup_makes_them():
    targets = example_targets()
    values = example_prediction("scores", targets)
    shares = torch.tensor([[0.3, 0.7, 0, 0, 0], [0, 0, 0, 0, 0]])
    expected = torch.nn.functional.cross_entropy(values[:1].double(), shares[:1].double(), label_smoothing=0.1)
    found = build(label_smoothing=0.1)({"scores": values}, targets | {"label": shares})
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)
    hard = build()({"scores": values}, targets)
    one_hot = torch.nn.functional.one_hot(targets["label"], values.shape[1]).float()
    torch.testing.assert_close(build()({"scores": values}, targets | {"label": one_hot}), hard)


@pytest.mark.parametrize(("quantity", "field"), [("logits", "semantic"), ("scores", "label")])
@pytest.mark.parametrize("wrong", [5, -2, 254])
def test_a_label_outside_the_classes_is_named(quantity, field, wrong):
    targets = example_targets()
    values = example_prediction(quantity, targets)
    targets[field].view(-1)[-1] = wrong
    user_error(
        lambda: build()({quantity: values}, targets),
        f"`{field}` holds the class {wrong}, expected 0 to 4 for 5 classes, or {HOLES[field]} where nothing is known",
    )


def test_where_nothing_is_waited_for_a_label_outside_the_classes_makes_the_loss_nan():
    logits, classes, known = map(torch.from_numpy, random_classes(5))
    for wrong in (torch.zeros_like(known), known):
        value = cross_entropy(nan_if_any(wrong, logits), classes, known)
        assert value.isnan() == wrong.any()


def test_logits_of_another_size_are_resized_to_the_labels():
    targets = example_targets((24, 32))
    small = torch.randn(2, 5, 12, 16, generator=torch.Generator().manual_seed(4))
    large = torch.nn.functional.interpolate(small, size=(24, 32), mode="bilinear", align_corners=False)
    torch.testing.assert_close(build()({"logits": small}, targets), build()({"logits": large}, targets))


def test_weights_of_classes_are_no_part_of_a_checkpoint():
    assert not build(class_weights=[1, 2]).state_dict()
