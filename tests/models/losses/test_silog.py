import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_half_precision, random_batch, tensors
from support.user_errors import user_error

from mdetools.models.losses import silog_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss, example_targets


def written_out(prediction, target, mask, lam):
    """The definition, in float64, over the valid pixels of the whole batch."""
    error = np.log(prediction[mask].astype(np.float64)) - np.log(target[mask].astype(np.float64))
    return np.sqrt((error**2).mean() - lam * error.mean() ** 2)


@pytest.mark.parametrize("lam", [0.0, 0.5, 0.85, 1.0])
def test_value(lam):
    prediction, target, mask = random_batch(0)
    mask[1] = False  # an image with no valid pixel changes nothing
    loss = silog_loss(*tensors(prediction, target, mask), lam)
    assert loss.item() == pytest.approx(written_out(prediction, target, mask, lam), rel=1e-6)


def test_gradient():
    prediction, target, mask = random_batch(1)
    leaf = torch.from_numpy(prediction).requires_grad_()
    loss = silog_loss(leaf, torch.from_numpy(target), torch.from_numpy(mask))
    loss.backward()
    error = np.log(prediction.astype(np.float64)) - np.log(target.astype(np.float64))
    mean, count = error[mask].mean(), mask.sum()
    expected = np.where(mask, (error - 0.5 * mean) / (count * loss.item() * prediction), 0)
    np.testing.assert_allclose(leaf.grad.numpy(), expected, rtol=1e-4, atol=1e-8)


def test_empty():
    prediction, target, mask = tensors(*random_batch(3))
    assert_empty(lambda values: silog_loss(values, target, torch.zeros_like(mask)), prediction)


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    prediction, target, mask = random_batch(5)
    assert_half_precision(
        lambda values: silog_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask, 0.5),
        torch.from_numpy(prediction).to(dtype),
        rel=1e-6,
    )


def test_battery():
    check_loss(LOSSES.build({"type": "SiLogLoss"}), "depth")
    check_loss(LOSSES.build({"type": "SiLogLoss"}), "disparity")


def test_what_is_missing_is_named():
    loss, values = LOSSES.build({"type": "SiLogLoss", "weight": 2.0}), torch.ones(1, 1, 2, 2)
    user_error(lambda: loss({"inverse_depth": values}, {}), "use AffineInvariantLoss")
    user_error(lambda: loss({"depth": values}, {"image": values}), "needs targets with `depth`")
    user_error(lambda: loss({"depth": values}, {"depth": values}), "needs targets with `valid_mask`")


def test_a_wrong_scale_alone():
    _, target, mask = random_batch(2)
    target, mask = tensors(target, mask)
    # e is log 2 everywhere, so the loss is sqrt(1 - lam) * log 2.
    assert silog_loss(2 * target, target, mask).item() == pytest.approx(np.sqrt(0.5) * np.log(2), rel=1e-6)
    assert silog_loss(2 * target, target, mask, lam=1.0).item() == pytest.approx(0, abs=1e-6)


def test_one_valid_pixel():
    prediction, target = torch.full((1, 1, 4, 4), 3.0, requires_grad=True), torch.full((1, 1, 4, 4), 2.0)
    mask = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    mask[0, 0, 1, 2] = True
    loss = silog_loss(prediction, target, mask)
    loss.backward()
    assert loss.item() == pytest.approx(np.sqrt(0.5) * np.log(1.5), rel=1e-6)
    expected = torch.zeros(1, 1, 4, 4)
    expected[0, 0, 1, 2] = np.sqrt(0.5) / 3  # the derivative of sqrt(1 - lam) * |log p - log t|
    torch.testing.assert_close(prediction.grad, expected)


def test_a_perfect_prediction_keeps_the_graph():
    _, target, mask = tensors(*random_batch(3))
    assert_empty(lambda values: silog_loss(values, target, mask), target)


def test_what_the_mask_excludes_may_be_anything():
    prediction, target, mask = random_batch(4)
    expected = written_out(prediction, target, mask, 0.5)
    prediction[~mask] = np.resize([0, -1, np.nan, np.inf], (~mask).sum())
    target[~mask] = np.resize([0, np.nan, -2], (~mask).sum())
    leaf = torch.from_numpy(prediction).requires_grad_()
    loss = silog_loss(leaf, torch.from_numpy(target), torch.from_numpy(mask))
    loss.backward()
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    assert torch.equal(leaf.grad != 0, torch.from_numpy(mask))


def test_the_nan_of_a_run_that_blew_up_is_seen():
    """As a loss of 0 it would look like a perfect run; outside the mask it counts as little as any other value."""
    prediction, target = torch.full((1, 1, 2, 3), torch.nan), torch.ones(1, 1, 2, 3)
    assert silog_loss(prediction, target, torch.ones(1, 1, 2, 3, dtype=torch.bool)).isnan()
    assert silog_loss(prediction, target, torch.zeros(1, 1, 2, 3, dtype=torch.bool)) == 0


def test_a_prediction_of_zero_counts_as_eps():
    target, mask = torch.ones(1, 1, 1, 2), torch.ones(1, 1, 1, 2, dtype=torch.bool)
    loss = silog_loss(torch.tensor([0.0, 1.0]).view(1, 1, 1, 2), target, mask, eps=1e-6)
    assert loss.item() == pytest.approx(np.log(1e6) * np.sqrt(0.5 - 0.5 * 0.25), rel=1e-6)


def test_a_disparity_head_learns_metric_depth():
    loss = LOSSES.build({"type": "SiLogLoss"})
    targets = example_targets()
    disparity = torch.empty(2, 1, 24, 32).uniform_(0.5, 4, generator=torch.Generator().manual_seed(0))
    depth, truth, mask = (32 * 0.5 / disparity).numpy(), targets["depth"].numpy(), targets["valid_mask"].numpy()
    expected = written_out(depth, truth, mask, 0.5)
    assert loss({"disparity": disparity}, targets).item() == pytest.approx(expected, rel=1e-5)


def test_a_head_that_starts_at_zero_disparity_can_learn():
    targets = example_targets()
    disparity = torch.zeros(2, 1, 24, 32, requires_grad=True)
    LOSSES.build({"type": "SiLogLoss"})({"disparity": disparity}, targets).backward()
    # All depths are the greatest one: the deviations from their mean have both signs, the mean is too far.
    assert disparity.grad[targets["valid_mask"]].mean() < 0
