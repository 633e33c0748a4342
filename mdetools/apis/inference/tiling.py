"""Very large pictures: detail from overlapping tiles, fitted to the prediction of the whole picture."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from mdetools.apis.inference.fitting import rising_fit
from mdetools.apis.inference.network import Network
from mdetools.apis.inference.preparing import Preparation
from mdetools.apis.inference.result import Result
from mdetools.contract import QUANTITIES

__all__ = ["blend_tiles", "refined", "tile_starts"]

OVERLAP = 0.25  # of a tile's side
CELLS = 8  # of a tile's side, whose means a fit compares: the whole picture's map knows nothing finer

Predict = Callable[[Sequence[np.ndarray]], list[np.ndarray]]


def refined(
    results: Iterator[Result],
    tile: int,
    prepare: Preparation,
    network: Network,
    batch_size: int,
    baseline: float | None,
) -> Iterator[Result]:
    """Results whose maps have the detail of tiles; what is no continuous map, or no larger than a tile, stays.

    Args:
        results: with their pictures.
        tile: side of a tile, pixels of the picture.
        prepare: what makes samples.
        network: what predicts them.
        batch_size: tiles at once.
        baseline: as the results were computed with.
    """
    for result in results:
        values = result.map
        whole = values is None or values.ndim != 2 or QUANTITIES[result.quantity].picture != "map"
        if whole or max(result.size) <= tile:
            yield result
            continue

        def predict(pictures: Sequence[np.ndarray], camera: np.ndarray | None = result.intrinsics) -> list[np.ndarray]:
            samples = [prepare(picture, "a tile", camera, baseline) for picture in pictures]
            return [predicted.values for predicted in network.start(samples).finish()]

        yield replace(result, map=blend_tiles(result.image, values, tile, predict, batch_size))


def blend_tiles(image: np.ndarray, coarse: np.ndarray, tile: int, predict: Predict, batch_size: int = 1) -> np.ndarray:
    """A map made of those of overlapping tiles.

    What a tile alone says has a scale and a shift of its own, as it shows other things than the whole picture does. So
    each is fitted to the map of the whole picture by least squares, and only its detail is new. Towards its sides its
    weight falls linearly to 0, so that no seam is left.

    Args:
        image: (H, W, 3).
        coarse: float32 (H, W), the map of the whole picture.
        tile: side of a tile, pixels.
        predict: maps (h, w) of pictures (h, w, 3) of one size.
        batch_size: tiles at once.

    Returns:
        float32 (H, W).
    """
    height, width = min(tile, image.shape[0]), min(tile, image.shape[1])
    corners = [(y, x) for y in tile_starts(image.shape[0], tile) for x in tile_starts(image.shape[1], tile)]
    weight = np.outer(ramp(height), ramp(width)).astype(np.float32)
    total, weights = np.zeros_like(coarse), np.zeros_like(coarse)
    for first in range(0, len(corners), batch_size):
        windows = [(slice(y, y + height), slice(x, x + width)) for y, x in corners[first : first + batch_size]]
        maps = predict([np.ascontiguousarray(image[window]) for window in windows])
        for window, values in zip(windows, maps, strict=True):
            total[window] += weight * fitted_to(values, coarse[window])
            weights[window] += weight
    return total / weights


def tile_starts(length: int, tile: int) -> list[int]:
    """The first pixels of tiles that cover a side evenly, each over its neighbour by a quarter at least.

    >>> tile_starts(1000, 400)
    [0, 300, 600]
    """
    if length <= tile:
        return [0]
    count = math.ceil((length - OVERLAP * tile) / ((1 - OVERLAP) * tile))
    return np.linspace(0, length - tile, count).round().astype(int).tolist()


def ramp(length: int) -> np.ndarray:
    """Weights along a tile's side: 1 in the middle, falling towards 0 within the overlap at both ends."""
    at = np.arange(length) + 0.5
    return np.minimum(np.minimum(at, length - at) / max(OVERLAP * length, 1), 1)


def fitted_to(values: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """The map times a scale, plus a shift, as near to the coarse one as least squares brings it.

    Means over the cells of a grid are compared, since detail that the coarse map lacks would lower the scale. A map
    that grows where the coarse one falls, or is constant, adds no detail: there the coarse one stays.
    """
    grid = (min(CELLS, values.shape[1]), min(CELLS, values.shape[0]))
    fit = rising_fit(*(cv2.resize(one, grid, interpolation=cv2.INTER_AREA) for one in (values, coarse)))
    return coarse if fit is None else values * fit[0] + fit[1]
