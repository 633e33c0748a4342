"""Panels of any quantity: what to draw, and how, is what `QUANTITIES` says of it."""

from collections.abc import Sequence

import cv2
import numpy as np

from mdetools.contract import Quantity
from mdetools.visualization.canvas import resize_map
from mdetools.visualization.labels import draw_legend, label_picture, wrong_picture
from mdetools.visualization.layout import EDGE, Tile, compose, tile_size
from mdetools.visualization.tiles import color_tile, image_tile, map_cmap, map_tile, percentile_range, vector_tile

__all__ = ["label_panel", "map_panel", "prediction_panel"]


def prediction_panel(
    image: np.ndarray,
    prediction: np.ndarray,
    quantity: Quantity,
    truth: np.ndarray | None = None,
    known: np.ndarray | None = None,
    names: Sequence[str] | None = None,
) -> np.ndarray | None:
    """Draws image, ground truth if there is one, and prediction of one quantity.

    A `map` is drawn by value, near in red, with its range and unit, of several channels the first one; a `vector` of
    three channels, such as normals, as red, green and blue. Of `classes` the most likely one is drawn, with a legend
    and, beside a ground truth, a picture of the wrong pixels. Unknown pixels are grey.

    Args:
        image: uint8 (H, W, 3), RGB.
        prediction: float (K, h, w), of any size: the values of a map, or a score per class.
        quantity: what it is.
        truth: of the same kind: (K, h', w') for a map, a class per pixel (1, h', w') for classes.
        known: bool (h', w'), where the ground truth is known; None with it.
        names: of classes, for the legend; None shows their numbers.

    Returns:
        uint8 (H', W', 3), RGB; None for a quantity that is not drawn.
    """
    size = tile_size(*image.shape[:2])
    if quantity.picture == "map":
        tiles = map_tiles(prediction, quantity, truth, known, size)
    elif quantity.picture == "vector":
        tiles = vector_tiles(prediction, truth, known, size)
    elif quantity.picture == "classes":
        tiles = class_tiles(image, prediction, truth, known, size, names)
    else:
        return None
    return compose([[image_tile("Image", image, size), *tiles]])


def map_panel(
    image: np.ndarray, values: np.ndarray, quantity: Quantity, limits: tuple[float, float], cmap: str
) -> np.ndarray:
    """Image and map side by side, as `prediction_panel` draws them, but in a given range and given colours.

    Args:
        image: uint8 (H, W, 3), RGB.
        values: float (h, w), of any size.
        quantity: what they are.
        limits: values of the table's first and last colour.
        cmap: a name of `COLORMAPS`, reversed by the ending `_r`.

    Returns:
        uint8 (H', W', 3), RGB.
    """
    size = tile_size(*image.shape[:2])
    resized = resize_map(values, np.isfinite(values), size)
    title = "Prediction (relative)" if quantity.relative else "Prediction"
    return compose([[image_tile("Image", image, size), color_tile(title, resized, *limits, cmap, quantity.unit)]])


def label_panel(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Image uint8 (H, W, 3) and classes (h, w) side by side, with a legend; uint8 (H', W', 3), RGB."""
    size = tile_size(*image.shape[:2])
    return compose([[image_tile("Image", image, size), label_tile(labels, np.ones(labels.shape, bool), size)]])


def label_tile(
    labels: np.ndarray, known: np.ndarray, size: tuple[int, int], names: Sequence[str] | None = None
) -> Tile:
    """Predicted classes (h, w), grey where unknown, with a legend."""
    return Tile("Prediction", label_picture(labels, known, size), draw_legend(labels[known], size[0], EDGE, names))


def map_tiles(
    prediction: np.ndarray,
    quantity: Quantity,
    truth: np.ndarray | None,
    known: np.ndarray | None,
    size: tuple[int, int],
) -> list[Tile]:
    """Of a continuous map, see `prediction_panel`; it shares the ground truth's range if it shares its scale."""
    title = "Prediction (relative)" if quantity.relative else "Prediction"
    finite = np.isfinite(prediction)
    if len(prediction) > 1:
        title = f"{title}, channel 1 of {len(prediction)}"
    if truth is None:
        return [map_tile(title, prediction[0], size, quantity)]
    limits, cmap = percentile_range(truth[0], known), map_cmap(quantity)
    resized = resize_map(truth[0], known, size)
    if quantity.relative:
        actual = color_tile("Ground truth", resized, *limits, cmap, quantity.unit)
        return [actual, map_tile(title, prediction[0], size, quantity)]
    shown = resize_map(prediction[0], finite[0], size)
    actual = color_tile("Ground truth", resized, *limits, cmap)
    return [actual, color_tile(title, shown, *limits, cmap, quantity.unit)]


def vector_tiles(
    prediction: np.ndarray, truth: np.ndarray | None, known: np.ndarray | None, size: tuple[int, int]
) -> list[Tile]:
    """Of vectors, see `prediction_panel`."""
    tiles = [vector_tile("Prediction", prediction, np.isfinite(prediction).all(0), size)]
    return tiles if truth is None else [vector_tile("Ground truth", truth, known, size), *tiles]


def class_tiles(
    image: np.ndarray,
    prediction: np.ndarray,
    truth: np.ndarray | None,
    known: np.ndarray | None,
    size: tuple[int, int],
    names: Sequence[str] | None,
) -> list[Tile]:
    """Of classes, see `prediction_panel`: the legend names those of the prediction and of the ground truth."""
    labels, finite = prediction.argmax(0), np.isfinite(prediction).all(0)
    if truth is None:
        return [label_tile(labels, finite, size, names)]
    picture = label_picture(labels, finite, size)
    target = truth[0].astype(np.int64)
    if labels.shape != target.shape:
        resized = cv2.resize(labels.astype(np.int32), target.shape[::-1], interpolation=cv2.INTER_NEAREST)
        labels, finite = resized.astype(np.int64), np.ones(target.shape, bool)
    wrong = (labels != target) & known
    legend = draw_legend(np.concatenate([target[known], labels[finite]]), size[0], EDGE, names)
    share = f"{100 * wrong.sum() / known.sum():.1f} %" if known.any() else "no known pixel"
    return [
        Tile("Ground truth", label_picture(target, known, size)),
        Tile("Prediction", picture, legend),
        Tile(f"Wrong pixels: {share}", wrong_picture(image, wrong, known, size)),
    ]
