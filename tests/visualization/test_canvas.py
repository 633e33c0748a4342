import numpy as np
import pytest

from mdetools.visualization.canvas import resize_scattered


def one_by_one(values, mask, size, depth):
    """The rule written out, pixel for pixel: the value at the nearest point inside, else around."""
    height, width = size
    inside = {}
    for row, col in np.argwhere(mask):
        at = (row * height // values.shape[0], col * width // values.shape[1])
        inside.setdefault(at, []).append((depth[row, col], values[row, col]))
    resized, known = np.zeros(size), np.zeros(size, bool)
    for row in range(height):
        for col in range(width):
            around = [inside.get((row + i, col + j), []) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            points = inside.get((row, col)) or sum(around, [])
            if points:
                resized[row, col], known[row, col] = min(points)[1], True
    return resized, known


@pytest.mark.parametrize(("size", "share"), [((12, 40), 0.05), ((37, 124), 0.05), ((60, 200), 0.02), ((9, 11), 0.3)])
def test_each_pixel_shows_its_nearest_point(size, share):
    rng = np.random.default_rng(0)
    depth = rng.permutation(37 * 124).reshape(37, 124).astype(np.float32)
    values, mask = rng.random(depth.shape).astype(np.float32), rng.random(depth.shape) < share
    resized, known = resize_scattered(values, mask, size, depth)
    expected, expected_known = one_by_one(values, mask, size, depth)
    assert np.array_equal(known, expected_known) and known.mean() > 0
    np.testing.assert_array_equal(resized, expected.astype(np.float32))


def test_without_points_there_is_nothing():
    empty = np.zeros((8, 9), np.float32)
    resized, known = resize_scattered(empty, empty > 0, (4, 5), empty)
    assert resized.shape == (4, 5) and not known.any() and not resized.any()
