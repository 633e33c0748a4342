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
    random_batch,
    tensors,
)

from mdetools.models.losses import scale_shift_invariant_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def written_out(prediction, target, mask, scale=1.0):
    """Mean over images of the summed squares by twice the number of valid pixels, in float64."""
    images = [
        ((fitted(p, scale * t, m) - scale * t)[m] ** 2).sum() / (2 * m.sum())
        for p, t, m in zip(prediction, target, mask, strict=True)
    ]
    return np.mean(images)


def test_value():
    prediction, target, mask = random_batch(0)
    loss = scale_shift_invariant_loss(*tensors(prediction, target, mask))
    assert loss.item() == pytest.approx(written_out(prediction, target, mask), rel=1e-5)


def test_gradient():
    prediction, target, mask = random_batch(5, (2, 1, 5, 6))
    assert_gradient(
        lambda values: scale_shift_invariant_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction),
        step=1e-5,
    )


def test_empty():
    prediction, target, mask = tensors(*random_batch(3))
    assert_empty(lambda values: scale_shift_invariant_loss(values, target, torch.zeros_like(mask)), prediction)


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    prediction, target, mask = random_batch(6)
    assert_half_precision(
        lambda values: scale_shift_invariant_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction).to(dtype),
        rel=1e-5,
    )


def test_battery():
    check_loss(LOSSES.build({"type": "ScaleShiftInvariantLoss"}), "inverse_depth")
    check_loss(LOSSES.build({"type": "ScaleShiftInvariantLoss"}), "disparity")
    options = dict(trim=0.1, unit_target=True, on="labelled")
    check_loss(LOSSES.build({"type": "ScaleShiftInvariantLoss", **options}), "inverse_depth")


def test_what_is_missing_is_named():
    assert_relative_inputs_are_named(LOSSES.build({"type": "ScaleShiftInvariantLoss"}))


def test_the_fit_needs_no_gradient_of_its_own():
    """At the best scale and shift the loss does not change with them: the gradient is scale * residual / M."""
    prediction, target, mask = random_batch(8, (1, 1, 9, 11))
    leaf = torch.from_numpy(prediction).requires_grad_()
    scale_shift_invariant_loss(leaf, *tensors(target, mask)).backward()
    aligned = fitted(prediction[0], target[0], mask[0])
    scale = np.polyfit(prediction[mask], target[mask], 1)[0]
    expected = np.where(mask[0], scale * (aligned - target[0]), 0) / mask.sum()
    np.testing.assert_allclose(leaf.grad[0].numpy(), expected, rtol=1e-4, atol=1e-7)


def test_an_inverted_prediction_fits_as_well():
    prediction, target, mask = tensors(*random_batch(4))
    torch.testing.assert_close(
        scale_shift_invariant_loss(-prediction, target, mask), scale_shift_invariant_loss(prediction, target, mask)
    )


def test_the_unit_of_the_target():
    prediction, target, mask = random_batch(7)
    for factor in (0.01, 20.0):
        loss = scale_shift_invariant_loss(*tensors(prediction, np.float32(factor) * target, mask))
        assert loss.item() == pytest.approx(written_out(prediction, target, mask, factor), rel=1e-4)


def test_targets_in_0_to_1():
    prediction, target, mask = random_batch(7)
    unit = target.copy()
    for one, valid in zip(unit, mask, strict=True):
        one -= one[valid].min()
        one /= one[valid].max()
    loss = scale_shift_invariant_loss(*tensors(prediction, 30 * target - 4, mask), unit_target=True)
    assert loss.item() == pytest.approx(written_out(prediction, unit, mask), rel=1e-4)
    flat = scale_shift_invariant_loss(*tensors(prediction, np.full_like(target, 3), mask), unit_target=True)
    assert flat.item() == pytest.approx(0, abs=1e-9)


def test_a_constant_prediction_leaves_the_targets_variance():
    _, target, mask = random_batch(9)
    loss = scale_shift_invariant_loss(*tensors(np.full_like(target, 7.3), target, mask))
    expected = np.mean([t[m].astype(np.float64).var() / 2 for t, m in zip(target, mask, strict=True)])
    assert loss.item() == pytest.approx(expected, rel=1e-5)
