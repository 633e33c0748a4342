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

from mdetools.evaluation.measures import columns_of
from mdetools.evaluation.protocols import Protocol
from mdetools.evaluation.scoring import evaluate_image
from mdetools.models.losses import aligned_abs_rel_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def like(target, seed, noise):
    """A prediction that resembles the target, of another scale and shift."""
    return (3 * target + 1 + noise * np.random.default_rng(seed).normal(size=target.shape)).astype(np.float32)


def batch(seed, shape=(3, 1, 12, 17), noise=4.0):
    _, target, mask = random_batch(seed, shape)
    return like(target, seed, noise), target, mask


def written_out(prediction, target, mask):
    """Mean over images of |1 / a - 1 / t| t with a = the fitted prediction, at least a quarter of t; in float64."""
    images = []
    for p, t, m in zip(prediction, target.astype(np.float64), mask, strict=True):
        a = fitted(p, t, m)[m]
        images.append((np.abs(a - t[m]) / np.maximum(a, t[m] / 4)).mean())
    return np.mean(images)


def test_value():
    prediction, target, mask = batch(0)
    loss = aligned_abs_rel_loss(*tensors(prediction, target, mask))
    assert loss.item() == pytest.approx(written_out(prediction, target, mask), rel=1e-5)


def test_gradient():
    prediction, target, mask = batch(5, (2, 1, 5, 6))
    assert_gradient(
        lambda values: aligned_abs_rel_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction),
        step=1e-5,
    )


def test_empty():
    prediction, target, mask = tensors(*batch(3))
    assert_empty(lambda values: aligned_abs_rel_loss(values, target, torch.zeros_like(mask)), prediction)


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    prediction, target, mask = batch(6)
    assert_half_precision(
        lambda values: aligned_abs_rel_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction).to(dtype),
        rel=1e-5,
    )


def test_battery():
    check_loss(LOSSES.build({"type": "AlignedAbsRelLoss"}), "inverse_depth")
    check_loss(LOSSES.build({"type": "AlignedAbsRelLoss"}), "disparity")
    check_loss(LOSSES.build({"type": "AlignedAbsRelLoss", "max_depth": 10.0, "on": "labelled"}), "inverse_depth")


def test_what_is_missing_is_named():
    assert_relative_inputs_are_named(LOSSES.build({"type": "AlignedAbsRelLoss"}))


def test_is_the_abs_rel_of_the_protocol_where_no_pixel_is_bounded():
    prediction, target, mask = batch(1, (1, 1, 12, 17), noise=0.1)
    protocol = Protocol("mine", 1e-3, 1e3, alignment="lstsq_disparity")
    depth, prediction, mask = 1 / torch.from_numpy(target), torch.from_numpy(prediction), torch.from_numpy(mask)
    measured = evaluate_image({"inverse_depth": prediction[0]}, depth[0], mask[0], protocol)
    abs_rel = measured[list(columns_of(["depth_errors"])).index("abs_rel")]
    loss = aligned_abs_rel_loss(prediction, torch.from_numpy(target), mask)
    assert loss.item() == pytest.approx(abs_rel.item(), rel=1e-4)


def test_what_is_farther_than_the_cap_or_at_infinity_is_left_out():
    prediction, target, mask = batch(7)
    target[:, :, :3] = 0  # sky
    within = mask & (target > 0.5)
    loss = aligned_abs_rel_loss(*tensors(prediction, target, mask), max_depth=2.0)
    assert loss.item() == pytest.approx(written_out(prediction, target, within), rel=1e-5)
    loss = aligned_abs_rel_loss(*tensors(prediction, target, mask))
    assert loss.item() == pytest.approx(written_out(prediction, target, mask & (target > 0)), rel=1e-5)


def test_an_inverted_prediction_counts_as_the_best_constant():
    prediction, target, mask = tensors(*batch(8))
    constant = aligned_abs_rel_loss(torch.ones_like(prediction), target, mask)
    assert aligned_abs_rel_loss(-prediction, target, mask).item() == pytest.approx(constant.item(), rel=1e-5)


def test_regions_are_aligned_on_their_own():
    _, target, mask = batch(9, (1, 1, 8, 10))
    region = np.zeros(target.shape, np.int64)
    region[..., :4] = 1
    prediction = np.where(region == 1, 5 * target, target - 3)
    loss = aligned_abs_rel_loss(*tensors(prediction.astype(np.float32), target, mask, region))
    assert loss.item() < 1e-4
