import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mdetools.geometry import area_resize
from mdetools.models.losses.stages import area_pyramid, stage_weights


def test_weights():
    assert stage_weights(5, 1.0) == [0.2] * 5
    assert stage_weights(5, 0.0) == [1.0]
    assert stage_weights(3, 0.5) == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert stage_weights(1, 0.5) == [1.0]


@pytest.mark.parametrize("size", [(12, 18), (6, 9), (4, 6), (5, 7), (11, 18)])
def test_each_pixel_is_the_mean_of_what_it_covers(size):
    image = torch.rand(2, 3, 12, 18, generator=torch.Generator().manual_seed(0))
    expected = np.zeros((2, 3, *size))
    for y, x in np.ndindex(size):
        rows = slice(y * 12 // size[0], -(-(y + 1) * 12 // size[0]))
        columns = slice(x * 18 // size[1], -(-(x + 1) * 18 // size[1]))
        expected[..., y, x] = image[..., rows, columns].double().mean((2, 3))
    np.testing.assert_allclose(area_resize(image, size).numpy(), expected, atol=1e-6)


def test_a_chain_of_halvings_is_one_mean():
    image = torch.rand(1, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    levels = list(area_pyramid(image, [(32, 64), (16, 32), (8, 16), (4, 8)]))
    for level, factor in zip(levels, (1, 2, 4, 8), strict=True):
        torch.testing.assert_close(level, F.avg_pool2d(image, factor))
