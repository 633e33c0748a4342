import numpy as np
import pytest

from mdetools.synthetic.worlds.pictures import Picture, any_picture


def picture(levels=1):
    first = np.arange(3 * 4 * 8, dtype=np.float32).reshape(3, 4, 8)
    halves = [first]
    for _ in range(levels - 1):
        last = halves[-1]
        halves.append(last.reshape(3, last.shape[1] // 2, 2, last.shape[2] // 2, 2).mean((2, 4)))
    return Picture(tuple(halves), pixel=0.5, corner=(1.0, 3.0))


def centres(rows, columns):
    """Surface coordinates (2, N) of pixels' centres: the corner is the upper left, v goes up."""
    return np.array([1.0 + 0.5 * (np.asarray(columns) + 0.5), 3.0 - 0.5 * (np.asarray(rows) + 0.5)])


def test_pixels_are_where_they_belong_and_interpolated_between():
    surface = picture()
    rows, columns = np.mgrid[:4, :8].reshape(2, -1)
    found = surface(centres(rows, columns), np.full(rows.size, 0.1))
    np.testing.assert_allclose(found, surface.levels[0].reshape(3, -1), rtol=1e-6)
    between = surface(centres([1.25], [2.5]), np.array([0.1]))[:, 0]
    expected = [0.75 * plane[1, 2:4].mean() + 0.25 * plane[2, 2:4].mean() for plane in surface.levels[0]]
    np.testing.assert_allclose(between, expected, rtol=1e-6)


def test_it_goes_on_in_mirror_images():
    surface = picture()
    inside, left, below, far = (centres([3], [column]) for column in (0, -1, 0, 15))
    below[1] -= 0.5
    values = [surface(uv, np.array([0.1]))[:, 0] for uv in (inside, left, below, far)]
    for value in values[1:]:
        np.testing.assert_allclose(value, values[0], rtol=1e-6)


@pytest.mark.parametrize(("width", "level"), [(0.5, 0), (1.0, 1), (2.0, 2), (50.0, 2)])
def test_wide_pixels_see_means(width, level):
    surface = picture(levels=3)
    side = 2**level
    uv = centres([(side - 1) / 2], [side + (side - 1) / 2])  # the middle of the second pixel of that level
    expected = surface.levels[0][:, :side, side : 2 * side].mean((1, 2))
    np.testing.assert_allclose(surface(uv, np.array([width]))[:, 0], expected, rtol=1e-5)


def test_a_picture_depends_on_the_generator_alone_and_is_an_albedo():
    uv, footprint = np.random.default_rng(0).uniform(-1, 1, (2, 400)), np.full(400, 0.01)
    first, again = (any_picture(np.random.default_rng(1), 0.7)(uv, footprint) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert 0 <= first.min() < first.max() <= 1.6
    assert first.std() > 0.01
