import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.street_pair import street_pair

from mdetools.geometry import shrink, warp_horizontally


def triangle_weights(before, after):
    """Rows of weights, written out: a triangle around each new pixel's place, as wide as a new pixel to either side."""
    scale = before / after
    places = (np.arange(after) + 0.5) * scale - 0.5
    weights = np.maximum(0, 1 - np.abs(np.arange(before) - places[:, None]) / scale)
    return weights / weights.sum(1, keepdims=True)


@pytest.mark.parametrize("size", [(6, 6), (4, 9), (5, 7), (11, 18), (12, 18)])
def test_each_pixel_is_a_mean_around_its_place(size):
    image = torch.rand(2, 3, 12, 18, generator=torch.Generator().manual_seed(0))
    expected = np.einsum(
        "yh,bchw,xw->bcyx", triangle_weights(12, size[0]), image.double(), triangle_weights(18, size[1])
    )
    np.testing.assert_allclose(shrink(image, size).numpy(), expected, atol=1e-6)


def test_a_chain_of_halvings_is_one_mean():
    image = torch.rand(1, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    level = image
    for factor in (1, 2, 4, 8):
        level = shrink(level, (32 // factor, 64 // factor))
        torch.testing.assert_close(level, F.avg_pool2d(image, factor))


@pytest.mark.parametrize("width", [608, 592, 310, 207])
def test_pixels_stay_in_their_places(width):
    ramp = torch.arange(620.0).expand(1, 1, 1, 620)
    places = (torch.arange(width) + 0.5) * 620 / width - 0.5
    inside = slice(2, -2)
    torch.testing.assert_close(shrink(ramp, (1, width))[0, 0, 0, inside], places[inside], rtol=0, atol=0.05)


def test_a_shrunk_pair_still_matches_at_its_disparity():
    """At the first step of the paper's pyramid; torch's "area" moves pixels by up to half a pixel, to and fro."""
    pair = street_pair(3)
    left, right = (torch.from_numpy(image)[None].float() / 255 for image in (pair.left, pair.right))
    disparity = torch.from_numpy(pair.disparity)[None, None].float()
    visible = torch.from_numpy(pair.visible)[None, None].float()
    size = (176, 608)
    small = F.interpolate(disparity, size, mode="nearest-exact") * (608 / 620)
    seen = F.interpolate(visible, size, mode="nearest-exact") > 0

    def error(resize):
        warped, inside = warp_horizontally(resize(right), small)
        return (warped - resize(left)).square().mean(1, keepdim=True)[seen & inside].mean().item()

    ours, area = error(lambda image: shrink(image, size)), error(lambda image: F.interpolate(image, size, mode="area"))
    assert ours < 0.6 * area
