"""Several models on one image: their maps in one range, and their errors below."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mdetools.contract import QUANTITIES, Quantity
from mdetools.visualization.canvas import resize_map
from mdetools.visualization.layout import Tile, compose, fitted_text, tile_size
from mdetools.visualization.panel import ERROR_MAX, measured_map, relative_error
from mdetools.visualization.tiles import ERROR_CMAP, color_tile, image_tile, map_cmap, map_tile, percentile_range

__all__ = ["ShownMap", "model_panel"]

DEPTH = QUANTITIES["depth"]


class ShownMap(NamedTuple):
    """What one model makes of an image.

    Attributes:
        label: its name.
        values: float (h, w), depth in metres, or a map of another quantity, of any size.
        caption: lines below it, such as its score and how it was aligned.
        quantity: what the values are.
        counted: bool, of the truth's size, which pixels its error is of; None draws no error.
    """

    label: str
    values: np.ndarray
    caption: tuple[str, ...] = ()
    quantity: Quantity = DEPTH
    counted: np.ndarray | None = None


def model_panel(
    image: np.ndarray,
    maps: Sequence[ShownMap],
    title: str = "Image",
    truth: np.ndarray | None = None,
    valid_mask: np.ndarray | None = None,
    limits: tuple[float | None, float | None] = (None, None),
) -> np.ndarray:
    """Draws image and maps of several models in a row, and below, if there is one, the ground truth and their errors.

    All depths in metres have one range: that of the ground truth, or else of all maps together, 1st to 99th
    percentile; the errors have another one, which is fixed, so that panels can be compared. What is not depth in
    metres, as a relative map without a truth to align it to, has a range and a bar of its own.

    Args:
        image: uint8 (H, W, 3), RGB.
        maps: of the models, at least one.
        title: of the image.
        truth: float (h, w), metres, of any size; None if there is none.
        valid_mask: bool (h, w), where it is known; None with it.
        limits: metres of the first and of the last colour; None leaves one to the data.

    Returns:
        uint8 (H', W', 3), RGB.
    """
    size = tile_size(*image.shape[:2])
    found = range_of(maps, truth, valid_mask)
    low, high = (own if said is None else said for own, said in zip(found, limits, strict=True))
    scale = (low, max(high, low + 1e-6), map_cmap(DEPTH))
    last = max((place for place, one in enumerate(maps) if one.quantity is DEPTH), default=None)
    upper = [map_of(one, size, scale, place == last) for place, one in enumerate(maps)]
    upper.insert(0, image_tile(fitted_text(title, size[1]), image, size))
    if truth is None:
        return compose([upper])
    shown = color_tile("Ground truth", measured_map(truth, valid_mask, size, truth, valid_mask), *scale)
    return compose([upper, [shown, *error_tiles(maps, truth, valid_mask, size)]])


def range_of(maps: Sequence[ShownMap], truth: np.ndarray | None, valid_mask: np.ndarray | None) -> tuple[float, float]:
    """The range of the truth's valid pixels, or, without any, of all depths in metres together."""
    if truth is not None and valid_mask.any():
        return percentile_range(truth, valid_mask)
    metric = [one.values.ravel() for one in maps if one.quantity is DEPTH]
    values = np.concatenate(metric) if metric else np.zeros(0)
    return percentile_range(values, np.isfinite(values))


def map_of(one: ShownMap, size: tuple[int, int], scale: tuple[float, float, str], with_bar: bool) -> Tile:
    """A model's map, in the common range if it is depth in metres, with what is said of it below."""
    label = fitted_text(one.label, size[1])
    if one.quantity is not DEPTH:
        tile = map_tile(label, one.values, size, one.quantity)
    else:
        shown = resize_map(one.values, np.isfinite(one.values), size)
        tile = color_tile(label, shown, *scale, DEPTH.unit if with_bar else None)
    return tile._replace(caption=one.caption)


def error_tiles(
    maps: Sequence[ShownMap], truth: np.ndarray, valid_mask: np.ndarray, size: tuple[int, int]
) -> list[Tile | None]:
    """The models' abs_rel errors on the pixels that count, one bar behind the last; None for one without an error."""
    tiles: list[Tile | None] = []
    last = max((place for place, one in enumerate(maps) if one.counted is not None), default=None)
    for place, one in enumerate(maps):
        if one.counted is None:
            tiles.append(None)
            continue
        error, known = relative_error(truth, one.counted, one.values)
        shown = measured_map(error, known, size, truth, valid_mask)
        unit = "" if place == last else None
        tiles.append(color_tile("Abs. rel. error", shown, 0, ERROR_MAX, ERROR_CMAP, unit))
    return tiles
