import matplotlib
import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.visualization import COLORMAPS, color_table, colorize


@pytest.mark.parametrize("cmap", [*COLORMAPS, "Spectral_r", "inferno_r"])
def test_tables_are_those_of_matplotlib(cmap):
    theirs = matplotlib.colormaps[cmap](np.arange(256))[:, :3] * 255
    assert np.abs(color_table(cmap) - theirs).max() <= 2


def test_values_map_to_entries_of_the_table():
    values = np.array([[1.0, 5.0, 3.0], [0.0, 9.0, 1 + 4 * 100 / 255]])
    table = color_table("inferno")
    expected = table[[[0, 255, 128], [0, 255, 100]]]
    assert np.array_equal(colorize(values, 1, 5, "inferno"), expected)
    assert np.array_equal(colorize(values, 1, 5, "inferno_r"), table[[[255, 0, 127], [255, 0, 155]]])


def test_invalid_pixels_have_their_colour():
    values = np.array([[1.0, np.nan, np.inf, 2.0]])
    mask = np.array([[True, True, True, False]])
    colors = colorize(values, 0, 2, "turbo", mask, invalid=(1, 2, 3))
    assert colors[0].tolist() == [color_table("turbo")[128].tolist(), [1, 2, 3], [1, 2, 3], [1, 2, 3]]
    assert colorize(values, 0, 2, "turbo")[0, 3].tolist() == color_table("turbo")[255].tolist()


def test_an_empty_range_gives_the_ends():
    colors = colorize(np.array([[1.0, 2.0, 3.0]]), 2, 2, "viridis")
    assert np.array_equal(colors[0], color_table("viridis")[[0, 0, 255]])


def test_an_unknown_map_is_named():
    with pytest.raises(UserError, match="no colour map is called 'jett'; one of: Spectral, inferno"):
        color_table("jett")
