import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.losses import silog_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss, example_targets


def written_out(prediction, target, mask, lam):
    """The definition, in float64, over the valid pixels of the whole batch."""
    error = np.log(prediction[mask].astype(np.float64)) - np.log(target[mask].astype(np.float64))
    return np.sqrt((error**2).mean() - lam * error.mean() ** 2)


def random_batch(seed, shape=(3, 1, 12, 17)):
    rng = np.random.default_rng(seed)
    prediction, target = (rng.uniform(0.2, 9, shape).astype(np.float32) for _ in range(2))
    return prediction, target, rng.random(shape) < 0.6


@pytest.mark.parametrize("lam", [0.0, 0.5, 0.85, 1.0])
def test_equals_the_formula(lam):
    prediction, target, mask = random_batch(0)
    mask[1] = False  # an image with no valid pixel changes nothing
    loss = silog_loss(*map(torch.from_numpy, (prediction, target, mask)), lam)
    assert loss.item() == pytest.approx(written_out(prediction, target, mask, lam), rel=1e-6)


def test_gradient_equals_the_formula():
    prediction, target, mask = random_batch(1)
    leaf = torch.from_numpy(prediction).requires_grad_()
    loss = silog_loss(leaf, torch.from_numpy(target), torch.from_numpy(mask))
    loss.backward()
    error = np.log(prediction.astype(np.float64)) - np.log(target.astype(np.float64))
    mean, count = error[mask].mean(), mask.sum()
    expected = np.where(mask, (error - 0.5 * mean) / (count * loss.item() * prediction), 0)
    np.testing.assert_allclose(leaf.grad.numpy(), expected, rtol=1e-4, atol=1e-8)


def test_a_wrong_scale_alone():
    _, target, mask = random_batch(2)
    target, mask = torch.from_numpy(target), torch.from_numpy(mask)
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


@pytest.mark.parametrize("case", ["empty mask", "perfect"])
def test_zero_keeps_the_graph(case):
    prediction, target, mask = map(torch.from_numpy, random_batch(3))
    leaf = (target.clone() if case == "perfect" else prediction).requires_grad_()
    loss = silog_loss(leaf, target, mask if case == "perfect" else torch.zeros_like(mask))
    loss.backward()
    assert loss.item() == 0
    assert leaf.grad.abs().max() == 0


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


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_input_is_computed_in_float32(dtype):
    prediction, target, mask = random_batch(5)
    half = torch.from_numpy(prediction).to(dtype)
    loss = silog_loss(half, torch.from_numpy(target), torch.from_numpy(mask))
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(written_out(half.float().numpy(), target, mask, 0.5), rel=1e-6)


def test_the_nan_of_a_run_that_blew_up_is_seen():
    """As a loss of 0 it would look like a perfect run; outside the mask it counts as little as any other value."""
    prediction, target = torch.full((1, 1, 2, 3), torch.nan), torch.ones(1, 1, 2, 3)
    assert silog_loss(prediction, target, torch.ones(1, 1, 2, 3, dtype=torch.bool)).isnan()
    assert silog_loss(prediction, target, torch.zeros(1, 1, 2, 3, dtype=torch.bool)) == 0


def test_a_prediction_of_zero_counts_as_eps():
    target, mask = torch.ones(1, 1, 1, 2), torch.ones(1, 1, 1, 2, dtype=torch.bool)
    loss = silog_loss(torch.tensor([0.0, 1.0]).view(1, 1, 1, 2), target, mask, eps=1e-6)
    assert loss.item() == pytest.approx(np.log(1e6) * np.sqrt(0.5 - 0.5 * 0.25), rel=1e-6)


def test_battery():
    check_loss(LOSSES.build({"type": "SiLogLoss"}), "depth")


def test_another_quantity_is_refused():
    loss = LOSSES.build({"type": "SiLogLoss", "weight": 2.0})
    with pytest.raises(UserError, match="use AffineInvariantLoss"):
        loss({"inverse_depth": torch.ones(1, 1, 2, 2)}, {})


def test_a_disparity_head_learns_metric_depth():
    loss = LOSSES.build({"type": "SiLogLoss"})
    check_loss(loss, "disparity")
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
