"""Pictures as surfaces: posters and paintings that show rooms, streets and open ground."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mdetools.synthetic.raycast.patterns import along_axes
from mdetools.synthetic.worlds.drives import sample_drive
from mdetools.synthetic.worlds.finish import photograph_view
from mdetools.synthetic.worlds.grounds import sample_ground
from mdetools.synthetic.worlds.interiors import sample_interior

__all__ = ["Picture", "any_picture"]

SHOWN = (sample_interior, sample_drive, sample_ground)
COUNT = 60  # pictures that there are; a process draws each when it is first needed
AREA = 72 * 96  # pixels
SEED = 20  # of them all: a frame must not depend on what was drawn before it


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, repeated in mirror images.

    Attributes:
        levels: linear RGB (3, H, W), each of half the size of the one before; the smallest has one pixel across.
        pixel: side of a pixel of the first level, metres.
        corner: surface coordinates of the picture's upper left corner, metres.
    """

    levels: tuple[np.ndarray, ...]
    pixel: float
    corner: tuple[float, float]

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`; each point from the level whose pixels are about as wide as the footprint."""
        from scipy.ndimage import map_coordinates

        widths = np.maximum(*along_axes(footprint, uv)) / self.pixel
        level = np.clip(np.rint(np.log2(np.maximum(widths, 1))), 0, len(self.levels) - 1).astype(int)
        column, row = (uv[0] - self.corner[0]) / self.pixel, (self.corner[1] - uv[1]) / self.pixel
        albedo = np.empty((3, uv.shape[1]), np.float32)
        for number in np.unique(level):
            here = level == number
            places = np.stack([row[here], column[here]]) / 2**number - 0.5
            for channel, plane in zip(albedo, self.levels[number], strict=True):
                channel[here] = map_coordinates(plane, places, order=1, mode="reflect")
        return albedo


def any_picture(rng: np.random.Generator, width: float) -> Picture:
    """Draws a picture `width` metres wide, somewhat faded or tinted."""
    levels = _halvings(int(rng.integers(COUNT)), bool(rng.integers(2)))
    tint = (rng.uniform(0.4, 1) * np.exp(rng.normal(0, 0.12, 3)))[:, None, None].astype(np.float32)
    height = width * levels[0].shape[1] / levels[0].shape[2]
    corner = (float(rng.uniform(-1, 0) * width), float(rng.uniform(0, 1) * height))
    return Picture(tuple(level * tint for level in levels), width / levels[0].shape[2], corner)


@cache
def _halvings(number: int, mirrored: bool) -> tuple[np.ndarray, ...]:
    """The levels of a picture."""
    import cv2

    rng = np.random.default_rng([SEED, number])
    image, _ = photograph_view(SHOWN[int(rng.integers(len(SHOWN)))](rng, AREA), rng)
    levels = [np.power(image[:, ::-1] if mirrored else image, np.float32(2.2)) / np.float32(255**2.2)]
    while min(levels[-1].shape[:2]) > 1:
        height, width = levels[-1].shape[:2]
        levels.append(cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA))
    return tuple(np.ascontiguousarray(level.transpose(2, 0, 1)) for level in levels)
