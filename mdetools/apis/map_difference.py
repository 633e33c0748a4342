"""How far the map of one program is from that of another, and a picture to compare them on."""

from typing import NamedTuple

import cv2
import numpy as np

__all__ = ["MapDifference", "made_up_picture", "map_difference"]

FLAT = 1e-2  # a map's range counts as this part of its largest value at least


class MapDifference(NamedTuple):
    """How far a map is from another, as parts of that one's range.

    Attributes:
        largest: of all pixels.
        mean: over pixels.
    """

    largest: float
    mean: float


def map_difference(found: np.ndarray, expected: np.ndarray) -> MapDifference:
    """How far a map is from what is expected; infinitely far if it has another shape or is not finite.

    >>> map_difference(np.array([0.0, 5.0]), np.array([0.0, 4.0]))
    MapDifference(largest=0.25, mean=0.125)

    Args:
        found: of any shape.
        expected: of the same.
    """
    wide = expected.astype(np.float64)
    if found.shape != expected.shape or not np.isfinite(found - wide).all():
        return MapDifference(np.inf, np.inf)
    spread = max(wide.max() - wide.min(), FLAT * np.abs(wide).max())
    distance = np.abs(found - wide)
    if spread == 0:
        return MapDifference(0.0, 0.0) if distance.max() == 0 else MapDifference(np.inf, np.inf)
    return MapDifference(float(distance.max() / spread), float(distance.mean() / spread))


def made_up_picture(height: int = 480, width: int = 640) -> np.ndarray:
    """A picture of soft colours with sharp boxes on them, uint8 (H, W, 3); always the same."""
    rng = np.random.default_rng(0)
    picture = cv2.resize(
        rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), (width, height), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(12):
        top, left = int(rng.integers(0, height - height // 4)), int(rng.integers(0, width - width // 4))
        rows, columns = rng.integers(8, height // 4), rng.integers(8, width // 4)
        picture[top : top + rows, left : left + columns] = rng.integers(0, 256, 3)
    return picture
