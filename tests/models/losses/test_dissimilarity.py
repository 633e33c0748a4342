import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from mdetools.models.losses import absolute_difference, squared_difference, ssim, ssim_l1


def random_images(shape=(2, 3, 11, 15), noise=0.2, seed=0):
    rng = np.random.default_rng(seed)
    first = rng.random(shape)
    second = np.clip(first + noise * rng.normal(size=shape), 0, 1)
    return first, second


def written_out_ssim(first, second):
    """Window by window, over a border whose pixels are there twice."""
    first, second = (np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge") for image in (first, second))
    out = np.zeros((*first.shape[:2], first.shape[2] - 2, first.shape[3] - 2))
    for b, c, y, x in np.ndindex(out.shape):
        one, other = first[b, c, y : y + 3, x : x + 3], second[b, c, y : y + 3, x : x + 3]
        covariance = ((one - one.mean()) * (other - other.mean())).mean()
        likeness = (2 * one.mean() * other.mean() + 1e-4) * (2 * covariance + 9e-4)
        out[b, c, y, x] = likeness / ((one.mean() ** 2 + other.mean() ** 2 + 1e-4) * (one.var() + other.var() + 9e-4))
    return out


def to_float(*arrays):
    return [torch.from_numpy(array).float() for array in arrays]


@pytest.mark.parametrize("size", [(11, 15), (1, 6), (1, 1)])
def test_ssim_equals_the_formula(size):
    first, second = random_images((2, 3, *size))
    np.testing.assert_allclose(ssim(*to_float(first, second)).numpy(), written_out_ssim(first, second), atol=2e-4)


def test_ssim_equals_scikit_images():
    first, second = random_images((1, 3, 20, 24))
    _, expected = structural_similarity(
        first[0], second[0], win_size=3, data_range=1.0, channel_axis=0, full=True, use_sample_covariance=False
    )
    ours = ssim(torch.from_numpy(first), torch.from_numpy(second))
    np.testing.assert_allclose(ours[0].numpy(), expected, atol=1e-10)


def test_differences_are_means_over_channels():
    first, second = random_images()
    images = to_float(first, second)
    np.testing.assert_allclose(
        squared_difference(*images).numpy(), ((first - second) ** 2).mean(1, keepdims=True), atol=1e-6
    )
    np.testing.assert_allclose(
        absolute_difference(*images).numpy(), abs(first - second).mean(1, keepdims=True), atol=1e-6
    )


def test_ssim_and_l1_are_mixed_as_godard_wrote():
    first, second = random_images()
    unlike = np.clip((1 - written_out_ssim(first, second)) / 2, 0, 1)
    expected = (0.85 * unlike + 0.15 * abs(first - second)).mean(1, keepdims=True)
    np.testing.assert_allclose(ssim_l1(*to_float(first, second)).numpy(), expected, atol=2e-4)
    assert ssim_l1(*to_float(first, first)).abs().max() < 1e-6


@pytest.mark.parametrize("function", [squared_difference, absolute_difference, ssim_l1])
def test_gradients(function):
    first, second = (torch.from_numpy(image).requires_grad_() for image in random_images((1, 2, 4, 5)))
    assert torch.autograd.gradcheck(function, (first, second))


@pytest.mark.parametrize("function", [squared_difference, absolute_difference])
def test_gradients_of_constant_images(function):
    """Each pixel is a mean over three channels, and 2 * 0.5 is 1."""
    black, grey = torch.zeros(1, 3, 4, 4, requires_grad=True), torch.full((1, 3, 4, 4), 0.5, requires_grad=True)
    function(black, black.detach()).sum().backward()
    assert black.grad.abs().max() == 0
    function(black, grey).sum().backward()
    torch.testing.assert_close(grey.grad, torch.full_like(grey, 1 / 3))
    torch.testing.assert_close(black.grad, torch.full_like(black, -1 / 3))


def test_gradients_of_ssim_of_constant_images():
    """Windows of constants differ in their means m and 0 alone: SSIM is c / (m^2 + c), and its slope by m follows."""
    black, grey = torch.zeros(1, 3, 4, 4, requires_grad=True), torch.full((1, 3, 4, 4), 0.5, requires_grad=True)
    ssim_l1(black, black.detach()).sum().backward()
    assert black.grad.abs().max() < 1e-6
    black.grad = None
    ssim_l1(black, grey).sum().backward()
    # By the sum over all pixels of an image, moved together.
    m, c = 0.5, 0.01**2
    per_pixel = 0.85 / 2 * 2 * m * c / (m**2 + c) ** 2 + 0.15
    assert grey.grad.sum().item() == pytest.approx(16 * per_pixel, rel=1e-3)
    assert black.grad.isfinite().all()
