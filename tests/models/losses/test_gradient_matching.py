import numpy as np
import pytest
import torch

from mdetools.models.losses import gradient_matching_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def normalized(values, mask):
    """Zero lower median and unit mean absolute deviation over the valid pixels, in float64."""
    values = values.astype(np.float64)
    chosen = np.sort(values[mask])
    centred = values - chosen[(len(chosen) - 1) // 2]
    return centred / np.abs(centred[mask]).mean()


def written_out(prediction, target, mask, scales):
    """One image (H, W), pixel by pixel."""
    residual = normalized(prediction, mask) - normalized(target, mask)
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


def random_batch(seed, shape=(2, 1, 19, 26)):
    rng = np.random.default_rng(seed)
    prediction, target = (rng.uniform(0.2, 9, shape).astype(np.float32) for _ in range(2))
    return prediction, target, rng.random(shape) < 0.7


@pytest.mark.parametrize("scales", [1, 4])
def test_equals_the_formula(scales):
    prediction, target, mask = random_batch(0)
    images = [written_out(p[0], t[0], m[0], scales) for p, t, m in zip(prediction, target, mask, strict=True)]
    loss = gradient_matching_loss(*map(torch.from_numpy, (prediction, target, mask)), scales)
    assert loss.item() == pytest.approx(np.mean(images), rel=1e-5)


def test_more_scales_than_pixels():
    prediction, target, mask = random_batch(1, (1, 1, 5, 3))
    expected = written_out(prediction[0, 0], target[0, 0], mask[0, 0], 6)
    loss = gradient_matching_loss(*map(torch.from_numpy, (prediction, target, mask)), 6)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_isolated_pixels_have_no_gradient_to_match():
    prediction, target, _ = map(torch.from_numpy, random_batch(2))
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
    prediction, depth, mask = map(torch.from_numpy, random_batch(3))
    targets = {"depth": depth.where(mask, torch.zeros(())), "valid_mask": mask}
    expected = 0.5 * gradient_matching_loss(prediction, 1 / depth, mask, 2)
    torch.testing.assert_close(loss({"inverse_depth": prediction}, targets), expected)


def test_battery():
    check_loss(LOSSES.build({"type": "GradientMatchingLoss"}), "inverse_depth")
    check_loss(LOSSES.build({"type": "GradientMatchingLoss"}), "disparity")
