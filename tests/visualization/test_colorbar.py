import numpy as np
import pytest

from mdetools.visualization import color_table, colorize, draw_colorbar, tick_rows, tick_values
from mdetools.visualization.colorbar import BAR, INK, TICK


@pytest.mark.parametrize(
    ("vmin", "vmax", "count", "expected"),
    [
        (0, 10, 6, [0, 2, 4, 6, 8, 10]),
        (0.8, 3.9, 7, [1, 1.5, 2, 2.5, 3, 3.5]),
        (0, 0.3, 6, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3][::2]),
        (3.2, 79.1, 4, [20, 40, 60]),
        (-1.5, 1.5, 3, [-1, 0, 1]),
        (0.011, 0.034, 5, [0.015, 0.02, 0.025, 0.03]),
    ],
)
def test_ticks_are_round_and_inside(vmin, vmax, count, expected):
    np.testing.assert_allclose(tick_values(vmin, vmax, count), expected, atol=1e-9)


def test_ticks_lie_at_their_value():
    assert tick_rows(np.array([5.0, 1.0, 3.0]), 1, 5, 101).tolist() == [0, 100, 50]
    height, margin, vmin, vmax = 240, 10, 0.5, 7.3
    bar = draw_colorbar(height, vmin, vmax, "turbo", "m", margin)
    marked = np.flatnonzero((bar[:, BAR : BAR + TICK] == INK).all(axis=(1, 2))) - margin
    ticks = tick_values(vmin, vmax, 6)
    assert marked.tolist() == [round((vmax - t) / (vmax - vmin) * (height - 1)) for t in ticks[::-1]]
    # The bar's colour beside a tick is the colour that the tick's value gets, to the row.
    for row, tick in zip(marked, ticks[::-1], strict=True):
        value = colorize(np.array([[tick]]), vmin, vmax, "turbo")[0, 0].astype(int)
        near = color_table("turbo").astype(int)[
            np.round(255 * (1 - (row + np.array([-1, 0, 1])) / (height - 1))).astype(int)
        ]
        assert np.abs(near - value).sum(1).min() <= 6
        assert np.abs(bar[row + margin, BAR // 2].astype(int) - value).max() <= 6


def test_the_ends_have_the_ends_colours_and_labels_are_inked():
    bar = draw_colorbar(100, 0, 1, "magma", "", 8)
    assert bar.shape[0] == 116
    assert bar[9, BAR // 2].tolist() == pytest.approx(color_table("magma")[252].tolist(), abs=8)
    assert bar[106, BAR // 2].tolist() == pytest.approx(color_table("magma")[2].tolist(), abs=8)
    assert (bar[:8, :BAR] == 255).all()
    assert (bar[:, BAR + TICK :] < 128).any()
