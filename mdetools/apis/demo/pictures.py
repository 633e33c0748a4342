"""What the browser shows of a result: the picture, the map in colours, and the map's values under the cursor."""

from dataclasses import dataclass

import cv2
import numpy as np

from mdetools.apis.demo.view import View
from mdetools.apis.inference.result import Result
from mdetools.contract import QUANTITIES
from mdetools.geometry import usable_depth
from mdetools.visualization import color_table, colorize, map_cmap, percentile_range

__all__ = ["Grid", "cmap_of", "color_limits", "encoded", "gradient", "grid_of", "known_pixels", "painted", "reduced"]

SHOWN = 1280  # pixels of the longer side in the browser
SAMPLED = 512  # of the values that the browser gets


@dataclass(frozen=True, eq=False)
class Grid:
    """Values of single pixels, evenly spread: those of the pixels `first + k * step` along both sides.

    Attributes:
        values: float32 (rows, columns); NaN where there is no depth.
        step: pixels.
        first: pixel.
    """

    values: np.ndarray
    step: int
    first: int


def known_pixels(result: Result) -> np.ndarray:
    """Where a map has values, bool (H, W): 0 is no depth, too."""
    return usable_depth(result.map) if result.quantity == "depth" else np.isfinite(result.map)


def grid_of(result: Result, most: int = SAMPLED) -> Grid:
    """The values that the browser gets: all of a small map, or those of every k-th pixel.

    >>> grid_of(Result("disparity", "px", (2, 6), np.arange(12, dtype=np.float32).reshape(2, 6)), 3).values.tolist()
    [[7.0, 9.0, 11.0]]
    """
    step = -(-max(result.size) // most)
    first = step // 2 if min(result.size) > step // 2 else 0
    values = np.where(known_pixels(result), result.map, np.nan)[first::step, first::step]
    return Grid(np.ascontiguousarray(values, np.float32), step, first)


def cmap_of(result: Result, view: View) -> str:
    """The colour table by its name, as `color_table` takes it, for the lowest to the highest value."""
    quantity = QUANTITIES[result.quantity]
    usual = map_cmap(quantity) if view.colormap == "Spectral" else view.colormap + "_r" * (not quantity.is_inverse)
    return usual if not view.flipped else usual.removesuffix("_r") if usual.endswith("_r") else f"{usual}_r"


def color_limits(result: Result, view: View) -> tuple[float, float]:
    """The values of the first and the last colour: as said, else the 1st and 99th percentile."""
    found = percentile_range(result.map, known_pixels(result))
    low, high = (mine if said is None else said for mine, said in zip(found, (view.low, view.high), strict=True))
    return (low, high) if low < high else (low, low + 1e-6 * max(abs(low), 1))


def painted(result: Result, view: View) -> np.ndarray:
    """The map in colours at its own size, uint8 (H, W, 3), grey where there is no value."""
    return colorize(result.map, *color_limits(result, view), cmap_of(result, view), known_pixels(result))


def gradient(result: Result, view: View, stops: int = 16) -> list[str]:
    """Colours for the lowest to the highest value, as CSS writes them."""
    table = color_table(cmap_of(result, view))
    return [f"rgb({r},{g},{b})" for r, g, b in table[np.linspace(0, 255, stops).round().astype(int)].tolist()]


def reduced(result: Result, most: int = SHOWN) -> Result:
    """A result whose map and picture have sides of at most that many pixels: every k-th of the map's."""
    step = -(-max(result.size) // most)
    if step == 1:
        return result
    values = np.ascontiguousarray(result.map[::step, ::step])
    image = cv2.resize(result.image, values.shape[::-1], interpolation=cv2.INTER_AREA)
    camera = result.intrinsics
    if camera is not None:
        camera = camera * np.array([[1 / step], [1 / step], [1.0]])
    return Result(result.quantity, result.unit, values.shape, values, path=result.path, intrinsics=camera, image=image)


def encoded(picture: np.ndarray, ending: str) -> bytes:
    """A picture uint8 (H, W, 3) as the content of a file, `.png` or `.jpg`."""
    return cv2.imencode(ending, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
