"""The picture of a result: beside its image, or alone at the image's size."""

import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.predicting.options import RunOptions
from mdetools.contract import QUANTITIES, Quantity
from mdetools.visualization import (
    colorize,
    label_panel,
    label_picture,
    map_cmap,
    map_panel,
    percentile_range,
    prediction_panel,
)

__all__ = ["color_range", "colored", "draw", "frame_picture"]

Limits = tuple[float, float]


def draw(result: Result, options: RunOptions) -> np.ndarray | None:
    """The picture that is written of a result, uint8 (H, W, 3), RGB; None for a quantity that is not drawn."""
    quantity = QUANTITIES[result.quantity]
    if result.map is None or quantity.picture is None:
        return None
    if quantity.picture == "classes":
        return colored(result, options) if options.pred_only else label_panel(result.image, result.map)
    if options.pred_only and quantity.picture == "map":
        return colored(result, options)
    if result.map.ndim == 3:
        return prediction_panel(result.image, result.map, quantity)
    limits = color_range(result.map, options)
    return map_panel(result.image, result.map, quantity, limits, cmap_of(quantity, options))


def colored(result: Result, options: RunOptions, limits: Limits | None = None) -> np.ndarray:
    """A map in colours, or classes in theirs, at its own size; uint8 (H, W, 3), RGB."""
    quantity = QUANTITIES[result.quantity]
    if quantity.picture == "classes":
        return label_picture(result.map, np.ones(result.map.shape, bool), result.map.shape)
    values = result.map if result.map.ndim == 2 else result.map[0]
    return colorize(values, *(limits or color_range(values, options)), cmap_of(quantity, options))


def frame_picture(result: Result, options: RunOptions, limits: Limits | None) -> np.ndarray:
    """A frame of a video: the prediction, to the right of the frame itself unless it is wanted alone."""
    drawn = colored(result, options, limits)
    return drawn if options.pred_only else np.concatenate([result.image, drawn], axis=1)


def color_range(values: np.ndarray, options: RunOptions) -> Limits:
    """The values of the first and of the last colour: as said, else the 1st and 99th percentile."""
    low, high = percentile_range(values, np.isfinite(values))
    low, high = (found if said is None else said for found, said in ((low, options.vmin), (high, options.vmax)))
    return (low, high) if low < high else (low, low + 1e-6 * max(abs(low), 1))


def cmap_of(quantity: Quantity, options: RunOptions) -> str:
    """The colours: as said; else near is red, or bright."""
    if options.grayscale:
        return "gray" if quantity.is_inverse else "gray_r"
    return options.colormap or map_cmap(quantity)
