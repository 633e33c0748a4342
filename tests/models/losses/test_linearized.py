import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision, random_stereo
from support.predictions import halvings_of, pyramid_of
from support.user_errors import user_error

from mdetools.geometry import resize_disparity, warp_horizontally
from mdetools.models.losses import (
    LinearizedPhotometricLoss,
    PhotometricLoss,
    linearized_warp,
    reconstruction_error,
    squared_smoothness,
)
from mdetools.registry import LOSSES
from mdetools.testing import check_loss

HEIGHT, WIDTH = 40, 96
Y, X = torch.meshgrid(
    torch.arange(HEIGHT, dtype=torch.float64), torch.arange(WIDTH, dtype=torch.float64), indexing="ij"
)


def texture(x):
    """Waves of 25 to 60 pixels, (1, 3, H, W), at the columns x (H, W)."""
    waves = [(60, 40, 0.0), (37, 55, 1.0), (25, 30, 2.0)]
    channels = [
        sum(torch.sin(2 * np.pi * (x / length + Y / height) + phase * (c + 1)) for length, height, phase in waves)
        for c in range(3)
    ]
    return 0.5 + 0.15 * torch.stack(channels)[None]


def smooth_pair(greatest=6.0):
    """Left image, right image, and the disparity, a hill of the given height."""
    hill = torch.exp(-((X - 55) ** 2 / 800 + (Y - 20) ** 2 / 300))
    disparity = greatest * (0.4 + 0.6 * hill)
    return texture(X - disparity), texture(X), disparity[None, None]


def written_out(targets, disparity):
    """The mean square that an expansion around 0 leaves, in float64."""
    left, right = (targets[key].double().numpy() for key in ("image", "image_right"))
    return ((right - disparity * np.gradient(right, axis=3) - left) ** 2).mean()


def around_zero(targets):
    """The loss of a disparity that is expanded around 0."""
    loss = LinearizedPhotometricLoss(max_step=float("inf"))
    return lambda values: loss({"disparity": values}, targets)


def test_value():
    targets, disparity = random_stereo()
    found = LinearizedPhotometricLoss(max_step=float("inf"), weight=2.0)({"disparity": disparity}, targets)
    assert found.item() == pytest.approx(2 * written_out(targets, disparity.double().numpy()), rel=1e-5)


def test_gradient():
    targets, disparity = random_stereo((4, 12))
    assert_gradient(around_zero(targets), lambda values: written_out(targets, values), disparity)


def test_empty():
    """All pixels outside."""
    targets, disparity = random_stereo()
    loss = LinearizedPhotometricLoss(max_step=0.0)
    assert_empty(lambda values: loss({"disparity": values}, targets), torch.full_like(disparity, 99.0))


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    targets, disparity = random_stereo()
    assert_half_precision(
        around_zero(targets), lambda values: written_out(targets, values), disparity.to(dtype), rel=1e-5
    )


@pytest.mark.parametrize("options", [{}, {"max_step": float("inf")}, {"dissimilarity": "ssim_l1", "outside": "zero"}])
def test_battery(options):
    loss = LOSSES.build({"type": "LinearizedPhotometricLoss", **options})
    check_loss(loss, "disparity", supervised=False)
    check_loss(loss, "disparity", halvings_of, supervised=False)


def test_what_is_missing_is_named():
    targets, disparity = random_stereo()
    loss = LinearizedPhotometricLoss()
    user_error(lambda: loss({"disparity": disparity}, {"image": targets["image"]}), "needs targets with `image_right`")
    user_error(lambda: loss({"inverse_depth": disparity}, targets), "needs a prediction of `disparity`")


def test_the_expansion_equals_the_formula():
    rng = np.random.default_rng(0)
    right, disparity = rng.random((1, 2, 3, 8)), rng.uniform(-2, 5, (1, 1, 3, 8))
    around = rng.integers(-2, 5, (1, 1, 3, 8)).astype(np.float64)  # whole pixels: nothing to interpolate
    gradient = np.gradient(right, axis=3)  # central differences, one-sided at the ends
    expected = np.zeros_like(right)
    for _, c, y, x in np.ndindex(right.shape):
        source = x - int(around[0, 0, y, x])
        if 0 <= source < 8:
            step = disparity[0, 0, y, x] - around[0, 0, y, x]
            expected[0, c, y, x] = right[0, c, y, source] - step * gradient[0, c, y, source]
    warped, inside = linearized_warp(*map(torch.from_numpy, (right, disparity, around)))
    np.testing.assert_allclose(warped.numpy(), expected, atol=1e-12)
    np.testing.assert_array_equal(inside[0, 0], (np.arange(8) - around[0, 0] >= 0) & (np.arange(8) - around[0, 0] < 8))


def test_error_of_the_expansion_falls_with_the_square_of_the_step():
    _, right, disparity = smooth_pair()
    errors = []
    for step in (4.0, 2.0, 1.0):
        warped, inside = linearized_warp(right, disparity, disparity - step)
        difference = (warped - texture(X - disparity[0, 0])).abs()
        errors.append(difference[..., 8:-8].mean().item())
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.2)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.2)


def gradients(loss_of, disparity):
    leaf = disparity.clone().requires_grad_()
    loss_of(leaf).backward()
    return leaf.grad.flatten()


def test_gradients_agree_with_bilinear_sampling_where_the_step_is_small():
    left, right, true = smooth_pair()
    disparity = true + 1.5 * torch.sin(X / 9 + Y / 7)  # off the truth, so that there is something to descend

    def bilinear(d):
        return reconstruction_error(*warp_horizontally(right, d), left, "l2", "mask")

    def linearized(step):
        return lambda d: reconstruction_error(*linearized_warp(right, d, disparity - step), left, "l2", "mask")

    wanted = gradients(bilinear, disparity)
    apart = [(gradients(linearized(step), disparity) - wanted).norm() / wanted.norm() for step in (0.0, 0.1, 1.0, 6.0)]
    assert apart[0] < 0.05 and apart[1] < 0.05
    assert apart[1] < apart[2] < apart[3] and apart[3] > 0.3


def solve(left, right, around, steps=40):
    """The disparity that minimises the linearised energy around a fixed one (a quadratic)."""
    disparity = around.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([disparity], max_iter=steps, tolerance_change=0, line_search_fn="strong_wolfe")

    def energy():
        optimizer.zero_grad()
        value = reconstruction_error(*linearized_warp(right, disparity, around), left, "l2", "mask")
        value = disparity.numel() * (value + 1e-3 * squared_smoothness(disparity))
        value.backward()
        return value

    optimizer.step(energy)
    return disparity.detach()


def test_the_photometric_loss_falls_with_each_rewarp():
    left, right, true = smooth_pair(greatest=12.0)
    disparity, losses = torch.zeros_like(true), []
    for _ in range(6):
        losses.append(reconstruction_error(*warp_horizontally(right, disparity), left, "l2", "mask").item())
        disparity = solve(left, right, disparity)
    assert all(after < 0.5 * before for before, after in zip(losses, losses[1:], strict=False)), losses
    assert losses[-1] < 1e-4 * losses[0]
    assert (disparity - true).abs()[..., 14:].mean() < 0.1


def descend(max_step, pair, steps=120):
    """The disparity that a gradient descent on the module reaches from 0."""
    left, right, true = pair
    loss = LinearizedPhotometricLoss(max_step=max_step)
    targets = {"image": left.float(), "image_right": right.float()}
    disparity = torch.zeros_like(true, dtype=torch.float32, requires_grad=True)
    optimizer = torch.optim.Adam([disparity], lr=0.2)
    for _ in range(steps):
        optimizer.zero_grad()
        (loss({"disparity": disparity}, targets) + 1e-3 * squared_smoothness(disparity)).backward()
        optimizer.step()
    return disparity.detach()


def test_warping_again_reaches_what_one_expansion_does_not():
    pair = smooth_pair(greatest=12.0)
    once, again = (
        (descend(max_step, pair) - pair[2]).abs()[..., 14:].mean().item() for max_step in (float("inf"), 1.0)
    )
    assert again < 0.5 and once > 2


def test_module_expands_each_stage_around_the_one_before():
    generator = torch.Generator().manual_seed(0)
    targets = {key: torch.rand(2, 3, 8, 12, generator=generator) for key in ("image", "image_right")}
    coarse, fine = (torch.rand(2, 1, *size, generator=generator) * 3 for size in ((4, 6), (8, 12)))
    loss = LinearizedPhotometricLoss(max_step=float("inf"), dissimilarity="l1", weight=4.0)
    half = {key: torch.nn.functional.avg_pool2d(image, 2) for key, image in targets.items()}
    first = linearized_warp(half["image_right"], coarse, torch.zeros_like(coarse))
    second = linearized_warp(targets["image_right"], fine, resize_disparity(coarse, (8, 12)))
    expected = 2 * (
        reconstruction_error(*first, half["image"], "l1", "mask")
        + reconstruction_error(*second, targets["image"], "l1", "mask")
    )
    torch.testing.assert_close(loss(pyramid_of(fine, coarse), targets), expected)


def test_the_previous_stage_is_not_moved_by_the_next():
    targets = {key: torch.rand(1, 3, 8, 12) for key in ("image", "image_right")}
    coarse, fine = torch.rand(1, 1, 4, 6, requires_grad=True), torch.rand(1, 1, 8, 12)
    LinearizedPhotometricLoss(stage_decay=0.0)(pyramid_of(fine.requires_grad_(), coarse * 1), targets).backward()
    assert coarse.grad is None and fine.grad.any()


def test_point_of_expansion_follows_at_a_distance():
    loss = LinearizedPhotometricLoss(max_step=1.5)
    disparity, previous = torch.tensor([4.0, 1.0, -3.0, 0.2]), torch.tensor([0.0, 0.0, 0.0, 0.0])
    shape = (1, 1, 1, 4)
    point = loss.expansion_point(disparity.view(shape), previous.view(shape))
    assert point.flatten().tolist() == pytest.approx([2.5, 0.0, -1.5, 0.0])


def test_equals_the_bilinear_loss_at_the_point_of_expansion():
    left, right, disparity = (values.float() for values in smooth_pair())
    targets, prediction = {"image": left, "image_right": right}, {"disparity": disparity + 1}
    for outside in ("mask", "zero"):
        expected = PhotometricLoss("l1", outside)(prediction, targets)
        torch.testing.assert_close(LinearizedPhotometricLoss(0.0, "l1", outside)(prediction, targets), expected)
