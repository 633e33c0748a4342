import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.losses import affine_invariant_loss, affine_normalize
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def normalized(values, mask):
    """Zero lower median and unit mean absolute deviation over the valid pixels, in float64."""
    values = values.astype(np.float64)
    chosen = np.sort(values[mask])
    centred = values - chosen[(len(chosen) - 1) // 2]
    return centred / np.abs(centred[mask]).mean()


def random_batch(seed, shape=(3, 1, 12, 17)):
    rng = np.random.default_rng(seed)
    prediction, target = (rng.uniform(0.2, 9, shape).astype(np.float32) for _ in range(2))
    return prediction, target, rng.random(shape) < 0.6


def test_equals_the_formula():
    prediction, target, mask = random_batch(0)
    images = [
        np.abs(normalized(p, m) - normalized(t, m))[m].mean() for p, t, m in zip(prediction, target, mask, strict=True)
    ]
    loss = affine_invariant_loss(*map(torch.from_numpy, (prediction, target, mask)))
    assert loss.item() == pytest.approx(np.mean(images), rel=1e-5)


def test_an_image_without_valid_pixels_is_not_averaged():
    prediction, target, mask = map(torch.from_numpy, random_batch(1))
    mask[1] = False
    kept = [0, 2]
    expected = affine_invariant_loss(prediction[kept], target[kept], mask[kept])
    torch.testing.assert_close(affine_invariant_loss(prediction, target, mask), expected)


def test_scale_and_shift_of_each_image_do_not_matter():
    prediction, target, mask = map(torch.from_numpy, random_batch(2))
    scale, shift = torch.tensor([0.01, 1.0, 300.0]).view(3, 1, 1, 1), torch.tensor([-3.0, 0.5, 40.0]).view(3, 1, 1, 1)
    loss = affine_invariant_loss(prediction * scale + shift, target, mask)
    assert loss.item() == pytest.approx(affine_invariant_loss(prediction, target, mask).item(), rel=1e-3)
    assert affine_invariant_loss(target * scale + shift, target, mask).item() == pytest.approx(0, abs=1e-3)
    assert affine_invariant_loss(-target, target, mask).item() > 1


def test_median_of_an_even_count_is_the_lower_one():
    values = torch.tensor([[5.0, 1.0, 3.0, 9.0, -100.0]])
    mask = torch.tensor([[True, True, True, True, False]])
    # Median 3, deviations 2, 2, 0, 6: mean 2.5.
    expected = torch.tensor([[0.8, -0.8, 0.0, 2.4, 0.0]])
    torch.testing.assert_close(affine_normalize(values, mask), expected)


def test_gradient_flows_through_median_and_deviation():
    values = torch.tensor([[5.0, 1.0, 3.0, 9.0, 4.0]], requires_grad=True)
    mask = torch.ones(1, 5, dtype=torch.bool)
    weights = torch.tensor([[0.3, -1.0, 2.0, 0.7, 0.1]])
    (affine_normalize(values, mask) * weights).sum().backward()

    def written_out(v):
        centred = v - np.sort(v)[2]
        return (centred / np.abs(centred).mean() * weights.numpy()[0]).sum()

    base, step = values.detach().numpy()[0].astype(np.float64), 1e-6
    expected = [(written_out(base + step * e) - written_out(base - step * e)) / (2 * step) for e in np.eye(5)]
    np.testing.assert_allclose(values.grad[0].numpy(), expected, rtol=1e-4, atol=1e-5)


def test_constant_and_single_rows_are_only_shifted():
    values = torch.tensor([[4.0, 4.0, 4.0], [7.0, 1.0, 2.0]], requires_grad=True)
    mask = torch.tensor([[True, True, True], [False, True, False]])
    out = affine_normalize(values, mask)
    assert out.abs().max() == 0
    out.square().sum().backward()
    assert values.grad.abs().max() == 0


def test_what_the_mask_excludes_may_be_anything():
    prediction, target, mask = map(torch.from_numpy, random_batch(3))
    expected = affine_invariant_loss(prediction, target, mask)
    prediction[~mask], target[~mask] = torch.nan, torch.inf
    leaf = prediction.requires_grad_()
    loss = affine_invariant_loss(leaf, target, mask)
    loss.backward()
    assert loss.item() == expected.item()
    assert leaf.grad[~mask].abs().max() == 0
    assert leaf.grad.isfinite().all()


def test_module_inverts_metric_depth_and_prefers_pseudo_labels():
    loss = LOSSES.build({"type": "AffineInvariantLoss", "weight": 3.0})
    prediction, depth, mask = map(torch.from_numpy, random_batch(4))
    targets = {"depth": depth.where(mask, torch.zeros(())), "valid_mask": mask}
    expected = 3 * affine_invariant_loss(prediction, 1 / depth, mask)
    torch.testing.assert_close(loss({"inverse_depth": prediction}, targets), expected)
    assert loss({"inverse_depth": prediction}, {**targets, "inverse_depth": prediction}).item() == 0


def test_battery():
    check_loss(LOSSES.build({"type": "AffineInvariantLoss"}), "inverse_depth")
    check_loss(LOSSES.build({"type": "AffineInvariantLoss"}), "disparity")


def test_metric_depth_is_refused():
    with pytest.raises(UserError, match="the head gives `depth`: use SiLogLoss"):
        LOSSES.build({"type": "AffineInvariantLoss"})({"depth": torch.ones(1, 1, 2, 2)}, {})
