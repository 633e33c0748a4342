"""Cameras of many formats and focal lengths, aimed at something."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, upright_rotation

__all__ = ["Lens", "aim", "sample_lens"]

USUAL = (4 / 3, 4 / 3, 4 / 3, 3 / 2, 3 / 2, 16 / 9, 1.0, 3 / 4, 2 / 3)  # width / height


@dataclass(frozen=True)
class Lens:
    """Size of the picture in pixels, and focal length in pixels."""

    height: int
    width: int
    focal: float

    def camera(self, rotation: np.ndarray, position: np.ndarray) -> Camera:
        """A camera with this lens, its centre in the middle of the picture."""
        centre = ((self.width - 1) / 2, (self.height - 1) / 2)
        intrinsics = np.array([[self.focal, 0, centre[0]], [0, self.focal, centre[1]], [0, 0, 1]], np.float32)
        return Camera(intrinsics, rotation, np.asarray(position, np.float32))

    @property
    def half_view(self) -> tuple[float, float]:
        """Tangents of half the angle of view, across and down."""
        return self.width / 2 / self.focal, self.height / 2 / self.focal


def sample_lens(rng: np.random.Generator, area: int, wide: float = 0.1, fov: tuple = (35, 95)) -> Lens:
    """Draws a lens.

    Args:
        rng: source of all that is drawn.
        area: pixels of the picture, about.
        wide: share of pictures that are 2 to 3.4 times as wide as high.
        fov: least and greatest angle of view along the diagonal of a usual picture, degrees; a wide one sees more.
    """
    is_wide = rng.uniform() < wide
    aspect = float(rng.uniform(2.0, 3.5)) if is_wide else USUAL[int(rng.integers(len(USUAL)))]
    height = 8 * round(float(np.sqrt(area / aspect)) / 8)
    width = 8 * round(height * aspect / 8)
    diagonal = np.hypot(width, height)
    angle = np.radians(rng.uniform(*fov) if not is_wide else rng.uniform(max(fov[0], 50), max(fov[1], 95)))
    return Lens(height, width, float(diagonal / 2 / np.tan(angle / 2)))


def aim(position: np.ndarray, target: np.ndarray, roll: float) -> np.ndarray:
    """Rotation (3, 3) of a camera at one point (3,) that looks at another, turned by `roll` radians about its axis."""
    away = np.asarray(target, np.float64) - position
    return upright_rotation(np.arctan2(away[1], away[0]), np.arctan2(away[2], np.hypot(*away[:2])), roll)
