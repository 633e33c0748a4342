"""The tiles that panels are made of: an image, or a continuous map in colour with its bar."""

import cv2
import numpy as np

from mdetools.contract import Quantity
from mdetools.visualization.canvas import resize_map
from mdetools.visualization.colorbar import draw_colorbar
from mdetools.visualization.colormap import UNKNOWN, colorize
from mdetools.visualization.layout import EDGE, Tile

__all__ = ["ERROR_CMAP", "color_tile", "percentile_range", "image_tile", "map_cmap", "map_tile", "vector_tile"]

MAP_CMAP = "Spectral"
ERROR_CMAP = "magma"


def map_cmap(quantity: Quantity) -> str:
    """The colours of a quantity's map: near is red, which takes the reversed table where values grow towards it."""
    return f"{MAP_CMAP}_r" if quantity.is_inverse else MAP_CMAP


def percentile_range(depth: np.ndarray, valid_mask: np.ndarray) -> tuple[float, float]:
    """The 1st and 99th percentile of the valid values, set apart if equal; (0, 1) if there is none."""
    known = depth[valid_mask]
    if not known.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, (1, 99)))
    return (low, high) if high - low > 1e-3 * max(abs(high), 1e-6) else (low - 0.5, low + 0.5)


def image_tile(title: str, image: np.ndarray, size: tuple[int, int]) -> Tile:
    """An image uint8 (H, W, 3), resized to (height, width)."""
    height, width = size
    method = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    return Tile(title, cv2.resize(image, (width, height), interpolation=method))


def map_tile(title: str, values: np.ndarray, size: tuple[int, int], quantity: Quantity) -> Tile:
    """A dense map (h, w) in its own range, resized to (height, width), with its bar; what is not finite is grey."""
    known = np.isfinite(values)
    limits = percentile_range(values, known)
    return color_tile(title, resize_map(values, known, size), *limits, map_cmap(quantity), quantity.unit)


def color_tile(
    title: str, resized: tuple[np.ndarray, np.ndarray], low: float, high: float, cmap: str, unit: str | None = None
) -> Tile:
    """Values and mask, coloured from low to high; with a bar if there is a unit, which may be empty."""
    values, known = resized
    bar = None if unit is None else draw_colorbar(len(values), low, high, cmap, unit, EDGE)
    return Tile(title, colorize(values, low, high, cmap, known), bar)


def vector_tile(title: str, values: np.ndarray, known: np.ndarray, size: tuple[int, int]) -> Tile:
    """A map (3, h, w) of values in -1..1, such as normals, as red, green and blue; grey where unknown (h, w)."""
    channels = [resize_map(channel, known, size) for channel in values]
    picture = np.stack([(np.clip(channel, -1, 1) + 1) * 127.5 + 0.5 for channel, _ in channels], -1).astype(np.uint8)
    picture[~channels[0][1]] = UNKNOWN
    return Tile(title, picture)
