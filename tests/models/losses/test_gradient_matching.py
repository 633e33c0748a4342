import numpy as np
import pytest
import torch
from support.losses import (
    HALF_TYPES,
    assert_empty,
    assert_gradient,
    assert_half_precision,
    assert_relative_inputs_are_named,
    fitted,
    normalized,
    random_batch,
    tensors,
)

from mdetools.models.losses import gradient_matching_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss

SHAPE = (2, 1, 19, 26)
ALIGNMENT = pytest.mark.parametrize("alignment", ["median", "least_squares"])


def written_out_image(prediction, target, mask, scales, alignment):
    """One image (H, W), pixel by pixel."""
    if alignment == "median":
        residual = normalized(prediction, mask) - normalized(target, mask)
    else:
        residual = fitted(prediction, target, mask) - target
    total = 0.0
    for step in (2**k for k in range(scales)):
        r, m = residual[::step, ::step], mask[::step, ::step]
        level = 0.0
        for y in range(r.shape[0]):
            for x in range(r.shape[1]):
                if x + 1 < r.shape[1] and m[y, x] and m[y, x + 1]:
                    level += abs(r[y, x + 1] - r[y, x])
                if y + 1 < r.shape[0] and m[y, x] and m[y + 1, x]:
                    level += abs(r[y + 1, x] - r[y, x])
        total += level / max(m.sum(), 1)
    return total


def written_out(prediction, target, mask, scales=4, alignment="median"):
    """Mean over images (B, 1, H, W)."""
    batch = zip(prediction, target, mask, strict=True)
    return np.mean([written_out_image(p[0], t[0], m[0], scales, alignment) for p, t, m in batch])


@ALIGNMENT
@pytest.mark.parametrize("scales", [1, 4])
def test_value(scales, alignment):
    prediction, target, mask = random_batch(0, SHAPE, 0.7)
    loss = gradient_matching_loss(*tensors(prediction, target, mask), scales, alignment=alignment)
    assert loss.item() == pytest.approx(written_out(prediction, target, mask, scales, alignment), rel=1e-5)


@ALIGNMENT
def test_gradient(alignment):
    prediction, target, mask = random_batch(5, (2, 1, 5, 6), 0.7)
    assert_gradient(
        lambda values: gradient_matching_loss(values, *tensors(target, mask), alignment=alignment),
        lambda values: written_out(values, target, mask, alignment=alignment),
        torch.from_numpy(prediction),
    )


def test_empty():
    prediction, target, mask = tensors(*random_batch(3))
    assert_empty(lambda values: gradient_matching_loss(values, target, torch.zeros_like(mask)), prediction)


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    prediction, target, mask = random_batch(6, SHAPE, 0.7)
    assert_half_precision(
        lambda values: gradient_matching_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction).to(dtype),
        rel=1e-5,
    )


def test_battery():
    check_loss(LOSSES.build({"type": "GradientMatchingLoss"}), "inverse_depth")
    check_loss(LOSSES.build({"type": "GradientMatchingLoss"}), "disparity")
    options = dict(alignment="least_squares", trim=0.1, unit_target=True, on="labelled")
    check_loss(LOSSES.build({"type": "GradientMatchingLoss", **options}), "inverse_depth")


def test_what_is_missing_is_named():
    assert_relative_inputs_are_named(LOSSES.build({"type": "GradientMatchingLoss"}))


def test_more_scales_than_pixels():
    prediction, target, mask = random_batch(1, (1, 1, 5, 3), 0.7)
    loss = gradient_matching_loss(*tensors(prediction, target, mask), 6)
    assert loss.item() == pytest.approx(written_out(prediction, target, mask, 6), rel=1e-5)


def test_isolated_pixels_have_no_gradient_to_match():
    prediction, target, _ = tensors(*random_batch(2, SHAPE, 0.7))
    mask = torch.zeros_like(target, dtype=torch.bool)
    mask[..., 1::2, 1::2] = True
    assert gradient_matching_loss(prediction, target, mask).item() == 0


def test_a_misplaced_edge_costs_and_an_affine_change_does_not():
    target = torch.zeros(1, 1, 32, 32)
    target[..., 16:] = 1
    mask = torch.ones_like(target, dtype=torch.bool)
    assert gradient_matching_loss(5 * target + 2, target, mask).item() == pytest.approx(0, abs=1e-5)
    assert gradient_matching_loss(target.roll(3, 3), target, mask).item() > 0.1


def test_module_inverts_metric_depth():
    loss = LOSSES.build({"type": "GradientMatchingLoss", "weight": 0.5, "scales": 2})
    prediction, depth, mask = tensors(*random_batch(3, SHAPE, 0.7))
    targets = {"depth": depth.where(mask, torch.zeros(())), "valid_mask": mask}
    expected = 0.5 * gradient_matching_loss(prediction, 1 / depth, mask, 2)
    torch.testing.assert_close(loss({"inverse_depth": prediction}, targets), expected)
