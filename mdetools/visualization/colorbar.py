"""A vertical colour bar with round, labelled ticks."""

import cv2
import numpy as np

from mdetools.visualization.canvas import INK, blank, draw_text, text_size
from mdetools.visualization.colormap import color_table

__all__ = ["draw_colorbar", "tick_rows", "tick_values"]

BAR, TICK, GAP = 14, 4, 5  # widths in pixels: the bar, a tick, the space before a label


def tick_values(vmin: float, vmax: float, count: int) -> np.ndarray:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten from vmin to vmax, at most `count` (at least 2) of them."""
    span = max(vmax - vmin, 1e-6 * max(abs(vmin), 1e-6))
    power = 10.0 ** np.floor(np.log10(span / count))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        first, last = np.ceil(vmin / (factor * power) - 1e-6), np.floor(vmax / (factor * power) + 1e-6)
        if last - first + 1 <= count:
            break
    return np.arange(first, last + 1) * factor * power


def tick_rows(values: np.ndarray, vmin: float, vmax: float, height: int) -> np.ndarray:
    """The rows of a bar of this height, whose first row is vmax and last row vmin, where the values lie."""
    return np.round((vmax - values) / (vmax - vmin) * (height - 1)).astype(int)


def draw_colorbar(height: int, vmin: float, vmax: float, cmap: str, unit: str, margin: int) -> np.ndarray:
    """Draws a bar, vmax at the top, with ticks and labels on its right.

    Args:
        height: of the bar, pixels.
        vmin: value at the bottom.
        vmax: value at the top.
        cmap: a name of `COLORMAPS`.
        unit: written after each label; may be empty.
        margin: white rows above and below, pixels.

    Returns:
        uint8 (height + 2 * margin, W, 3), RGB, W as the labels need.
    """
    ticks = tick_values(vmin, vmax, max(height // 40, 4))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else vmax - vmin
    decimals = next((n for n in range(6) if abs(round(step, n) - step) < 1e-3 * step), 6)
    labels = [f"{tick + 0.0:.{decimals}f}{unit and ' ' + unit}" for tick in ticks]
    width = BAR + TICK + GAP + max((text_size(label)[0] for label in labels), default=0) + 2
    canvas = blank(height + 2 * margin, width)
    ramp = np.round(np.linspace(255, 0, height)).astype(int)
    canvas[margin : margin + height, :BAR] = color_table(cmap)[ramp][:, None]
    cv2.rectangle(canvas, (0, margin), (BAR - 1, margin + height - 1), INK, 1)
    for label, row in zip(labels, tick_rows(ticks, vmin, vmax, height) + margin, strict=True):
        canvas[row, BAR : BAR + TICK] = INK
        draw_text(canvas, label, BAR + TICK + GAP, row + text_size("0")[1] // 2)
    return canvas
