"""Linear RGB colours: drawn at random, scaled, mixed."""

import colorsys

import numpy as np

__all__ = ["Color", "blend", "random_color", "scale_color"]

Color = tuple[float, float, float]


def random_color(
    rng: np.random.Generator, hue: float | None = None, saturation: tuple = (0.2, 0.85), value: tuple = (0.25, 0.9)
) -> Color:
    """A linear RGB colour of the given hue (None: any), drawn from ranges of saturation and of display value."""
    hue = rng.uniform() if hue is None else hue
    display = colorsys.hsv_to_rgb(hue % 1, rng.uniform(*saturation), rng.uniform(*value))
    return tuple(float(channel**2.2) for channel in display)


def scale_color(color: Color, factor: float) -> Color:
    """The colour, darker or brighter by a factor, each channel at most 0.95."""
    return tuple(min(channel * factor, 0.95) for channel in color)


def blend(first: Color, second: Color, weight: np.ndarray) -> np.ndarray:
    """Colours (3, N) from `first` at weight 0 to `second` at 1."""
    first, second = (np.asarray(color, np.float32)[:, None] for color in (first, second))
    return first + (second - first) * weight
