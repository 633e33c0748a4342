import numpy as np
import pytest
import torch
import torch.nn.functional as F
from kornia.geometry.transform import remap

from mdetools.geometry import warp_horizontally


def random_pair(shape=(2, 3, 9, 14), spread=6.0, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(shape, generator=generator, dtype=dtype)
    disparity = torch.empty(shape[0], 1, *shape[2:], dtype=dtype).uniform_(-spread, 3 * spread, generator=generator)
    return image, disparity


def written_out(image, disparity):
    """Pixel by pixel, in float64; what lies beyond the border is 0."""
    image, disparity = image.double().numpy(), disparity.double().numpy()
    warped, inside = np.zeros_like(image), np.zeros(disparity.shape, bool)
    width = image.shape[3]
    for b, y, x in np.ndindex(image.shape[0], *image.shape[2:]):
        source = x - disparity[b, 0, y, x]
        left = int(np.floor(source))
        for column, share in ((left, left + 1 - source), (left + 1, source - left)):
            if 0 <= column < width:
                warped[b, :, y, x] += share * image[b, :, y, column]
        inside[b, 0, y, x] = 0 <= source <= width - 1
    return warped, inside


@pytest.mark.parametrize("shape", [(2, 3, 9, 14), (1, 1, 1, 1), (1, 2, 5, 1), (1, 2, 1, 5)])
def test_equals_the_formula(shape):
    image, disparity = random_pair(shape, spread=max(1.0, shape[3] / 3))
    warped, inside = warp_horizontally(image, disparity)
    expected, expected_inside = written_out(image, disparity)
    np.testing.assert_allclose(warped.numpy(), expected, atol=2e-6)
    np.testing.assert_array_equal(inside.numpy(), expected_inside)


def test_equals_kornias_remap_and_grid_sample():
    image, disparity = random_pair(dtype=torch.float64)
    x = torch.arange(14, dtype=torch.float64) - disparity[:, 0]
    y = torch.arange(9, dtype=torch.float64)[:, None].expand_as(x)
    warped, _ = warp_horizontally(image, disparity)
    assert ((x < 0) | (x > 13)).float().mean() > 0.2  # the border is crossed
    torch.testing.assert_close(warped, remap(image, x, y, align_corners=True), rtol=0, atol=1e-12)
    grid = torch.stack([2 * x / 13 - 1, 2 * y / 8 - 1], -1)
    torch.testing.assert_close(warped, F.grid_sample(image, grid, align_corners=True), rtol=0, atol=1e-12)


def test_no_disparity_is_the_identity_and_whole_pixels_are_a_shift():
    image, _ = random_pair()
    for shift in (0, 1, 5, -2):
        warped, inside = warp_horizontally(image, torch.full((2, 1, 9, 14), float(shift)))
        expected = torch.zeros_like(image)
        kept = slice(max(shift, 0), 14 + min(shift, 0))
        expected[..., kept] = image.roll(shift, 3)[..., kept]
        torch.testing.assert_close(warped, expected, rtol=0, atol=2e-6)
        assert inside[..., kept].all() and inside.sum() == 2 * 9 * (14 - abs(shift))


def test_matches_are_to_the_left_in_the_right_image():
    # A dot at column 10 of the left image, 4 pixels of disparity: the right camera sees it at column 6.
    right = torch.zeros(1, 1, 3, 16)
    right[..., 6] = 1
    warped, _ = warp_horizontally(right, torch.full((1, 1, 3, 16), 4.0))
    assert warped[0, 0, 0].argmax() == 10


def test_wide_images_are_sampled_to_a_thousandth_of_a_pixel():
    # A ramp of one per pixel: the sample's value is its place.
    width = 1242
    ramp = torch.arange(width, dtype=torch.float32).expand(1, 1, 3, width)
    disparity = torch.empty(1, 1, 3, width).uniform_(0, 200, generator=torch.Generator().manual_seed(0))
    warped, inside = warp_horizontally(ramp, disparity)
    assert (warped - (ramp - disparity))[inside].abs().max() < 1e-3


def test_gradients():
    image, disparity = random_pair((2, 2, 3, 6), spread=1.0, dtype=torch.float64)
    inputs = (image.requires_grad_(), disparity.requires_grad_())
    assert torch.autograd.gradcheck(lambda i, d: warp_horizontally(i, d)[0], inputs)


@pytest.mark.parametrize("far", [1e3, 1e9, -1e9])
def test_far_outside_is_black_with_zero_gradient(far):
    image, _ = random_pair()
    disparity = torch.full((2, 1, 9, 14), far, requires_grad=True)
    warped, inside = warp_horizontally(image, disparity)
    warped.sum().backward()
    assert not inside.any() and warped.abs().max() == 0 and disparity.grad.abs().max() == 0


def test_a_slanted_plane_seen_by_two_cameras():
    # The plane z = 4 + 0.5 X, texture a function of X: both images and the disparity follow in closed form.
    focal, baseline, centre = 90.0, 0.3, 31.5
    x = np.arange(64)

    def seen(columns, camera):
        """X of what a camera at (camera, 0, 0) sees, and its depth."""
        ray = (columns - centre) / focal
        depth = (4 + 0.5 * camera) / (1 - 0.5 * ray)
        return camera + ray * depth, depth

    def texture(world):
        return 0.5 + 0.3 * np.sin(4 * world) + 0.1 * np.cos(9 * world)

    (left_world, depth), (right_world, _) = seen(x, 0.0), seen(x, baseline)
    disparity, left, right = focal * baseline / depth, texture(left_world), texture(right_world)
    left, right, disparity = (torch.from_numpy(row).float().expand(1, 1, 4, 64) for row in (left, right, disparity))
    warped, inside = warp_horizontally(right, disparity)
    error = (warped - left).abs()[inside].mean()
    assert 0.7 < inside.float().mean() < 1
    assert error < 1 / 255
    for wrong in (-disparity, 0.5 * disparity, 2 * disparity, 0 * disparity):
        warped, inside = warp_horizontally(right, wrong)
        assert (warped - left).abs()[inside].mean() > 10 * error
