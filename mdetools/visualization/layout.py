"""Titled tiles set in a grid, and panels set one below the other."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mdetools.visualization.canvas import blank, draw_text, text_size

__all__ = ["Tile", "compose", "fitted_text", "stack_panels", "tile_size", "with_footer"]

TILE_AREA = 320 * 240
TITLE, SPACE, BAR_SPACE, EDGE = 26, 10, 8, 10  # pixels: title height, between tiles, before a bar, around the panel
CAPTION = 18  # pixels of a line below the pictures of a row


class Tile(NamedTuple):
    """One picture of a panel."""

    title: str
    picture: np.ndarray  # uint8 (H, W, 3)
    bar: np.ndarray | None = None  # uint8 (H + 2 * EDGE, W', 3), to the right of the picture
    caption: tuple[str, ...] = ()  # lines below it

    @property
    def width(self) -> int:
        """Of the picture with its bar, or of a text that is wider; pixels."""
        drawn = self.picture.shape[1] + (0 if self.bar is None else BAR_SPACE + self.bar.shape[1])
        return max(drawn, *(text_size(text)[0] for text in (self.title, *self.caption)))


def tile_size(height: int, width: int, area: int = TILE_AREA) -> tuple[int, int]:
    """Size of a tile with the image's aspect and an area in pixels, the aspect being kept from 1:4 to 4:1."""
    aspect = np.clip(width / height, 0.25, 4)
    return round(np.sqrt(area / aspect)), round(np.sqrt(area * aspect))


def compose(rows: Sequence[Sequence[Tile | None]]) -> np.ndarray:
    """Sets tiles in rows, whose columns are aligned on the left.

    Args:
        rows: each of at least one tile, not necessarily of the same number; None leaves a place empty. All pictures
            have one size. A title that is wider than its picture reaches over the bar, and makes the column wider where
            that is not enough.

    Returns:
        uint8 (H, W, 3), white around the tiles.
    """
    columns = [[row[i] for row in rows if i < len(row) and row[i]] for i in range(max(map(len, rows)))]
    lefts = EDGE + np.cumsum([0, *(max(tile.width for tile in column) + SPACE for column in columns)])
    height = next(tile for tile in rows[0] if tile).picture.shape[0]
    below = [CAPTION * max(len(tile.caption) for tile in row if tile) for row in rows]
    tops = EDGE + TITLE + np.cumsum([0, *(TITLE + height + 2 * EDGE + lines for lines in below)])
    canvas = blank(tops[-1] - TITLE, lefts[-1] - SPACE + EDGE)
    for row, top in zip(rows, tops, strict=False):
        for tile, left in zip(row, lefts, strict=False):
            if tile is not None:
                place_tile(canvas, tile, top, left)
    return canvas


def place_tile(canvas: np.ndarray, tile: Tile, top: int, left: int) -> None:
    """Draws a tile on the canvas, in place, its picture from (top, left) on."""
    height, width = tile.picture.shape[:2]
    canvas[top : top + height, left : left + width] = tile.picture
    if tile.bar is not None:
        start = left + width + BAR_SPACE
        canvas[top - EDGE : top + height + EDGE, start : start + tile.bar.shape[1]] = tile.bar
    texts = [(tile.title, top - 9), *((line, top + height + CAPTION * n) for n, line in enumerate(tile.caption, 1))]
    for text, base in texts:
        draw_text(canvas, text, left + max(width - text_size(text)[0], 0) // 2, base)


def fitted_text(text: str, width: int) -> str:
    """The end of a text, as much of it as fits a width in pixels, behind three dots if that is not all.

    >>> fitted_text("scene/00012", 200), fitted_text("a/long/path/of/folders/00012", 100)[:3]
    ('scene/00012', '...')
    """
    if text_size(text)[0] <= width:
        return text
    start = next(n for n in range(1, len(text) + 1) if text_size(f"...{text[n:]}")[0] <= width or n == len(text))
    return f"...{text[start:]}"


def with_footer(panel: np.ndarray, text: str) -> np.ndarray:
    """A panel uint8 (H, W, 3) with lines of text below it, broken between words to its width."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_size(longer)[0] <= panel.shape[1] - 2 * EDGE:
            lines[-1] = longer
        else:
            lines.append(word)
    footer = blank(CAPTION * len(lines) + EDGE, panel.shape[1])
    for number, line in enumerate(lines, 1):
        draw_text(footer, line, EDGE, CAPTION * number - 4)
    return np.concatenate([panel, footer])


def stack_panels(panels: Sequence[np.ndarray]) -> np.ndarray:
    """Sets panels one below the other, aligned on the left, white on the right of the narrower ones.

    Args:
        panels: uint8 (H_i, W_i, 3), at least one.

    Returns:
        uint8 (sum of H_i, max of W_i, 3).
    """
    width = max(panel.shape[1] for panel in panels)
    return np.concatenate([np.pad(p, ((0, 0), (0, width - p.shape[1]), (0, 0)), constant_values=255) for p in panels])
