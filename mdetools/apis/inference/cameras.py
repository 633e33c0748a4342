"""The camera of a picture: as said, from a file beside it, or from its EXIF."""

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from mdetools.datasets.rgbd.cameras import CAMERA_FILES, Camera, by_folder, read_camera_file
from mdetools.errors import UserError

__all__ = ["exif_focal_length", "intrinsics_of", "pinhole"]

EXIF_IFD, FOCAL_MM, FOCAL_35MM, PLANE_X, PLANE_UNIT = 0x8769, 0x920A, 0xA405, 0xA20E, 0xA210
FILM_DIAGONAL = math.hypot(36, 24)  # mm
MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 1e-3}


def pinhole(focal_length: float, size: tuple[int, int]) -> np.ndarray:
    """The camera matrix (3, 3), float64, of a focal length in pixels, with the principal point in the middle.

    >>> pinhole(500, (480, 640)).tolist()
    [[500.0, 0.0, 319.5], [0.0, 500.0, 239.5], [0.0, 0.0, 1.0]]
    """
    height, width = size
    return np.array([[focal_length, 0, (width - 1) / 2], [0, focal_length, (height - 1) / 2], [0, 0, 1]], np.float64)


def intrinsics_of(
    size: tuple[int, int], path: str | None, root: Path | None, said: float | Camera | None
) -> np.ndarray | None:
    """The camera of a picture, (3, 3) in its pixels; None if nothing says it.

    Args:
        size: (H, W) of the picture, upright.
        path: of its file; None of what comes from memory.
        root: up to where a camera's file (`intrinsics.txt` and the like) is looked for.
        said: a focal length in pixels or a camera, which goes before all else.

    Raises:
        UserError: if a camera file is broken, or is of an image of another aspect.
    """
    if isinstance(said, Camera):
        return said.at(size, path or "the picture")
    if said is not None:
        return pinhole(said, size)
    if path is None or not Path(path).is_file():
        return None
    if root is not None and (camera := nearest_camera(str(Path(path).parent), str(root))) is not None:
        return camera.at(size, path)
    focal = exif_focal_length(path, size)
    return None if focal is None else pinhole(focal, size)


@lru_cache(maxsize=1024)
def nearest_camera(folder: str, root: str) -> Camera | None:
    """The camera that the nearest file describes; each folder is looked through once."""
    (camera,) = by_folder([f"{folder}/x"], Path(root), CAMERA_FILES, read_camera_file).values()
    return camera


def exif_focal_length(path: str, size: tuple[int, int]) -> float | None:
    """The focal length in pixels that a photograph's EXIF gives, None if it gives none.

    The 35 mm equivalent is, as the EXIF standard (CIPA DC-008) and its makers use it, of the diagonal of 43.27 mm. Else
    the focal length in mm and the pixels of the sensor's plane are taken.

    Args:
        path: of the file.
        size: (H, W), pixels.
    """
    try:
        with Image.open(path) as picture:
            tags = picture.getexif().get_ifd(EXIF_IFD)
            stored_width = max(picture.size)
        equivalent = float(tags.get(FOCAL_35MM, 0))
        if equivalent > 0:
            return equivalent / FILM_DIAGONAL * math.hypot(*size)
        millimetres, per_unit = float(tags.get(FOCAL_MM, 0)), float(tags.get(PLANE_X, 0))
        focal = millimetres * per_unit / MM_PER_UNIT.get(tags.get(PLANE_UNIT, 2), 25.4)
        return focal * max(size) / stored_width if math.isfinite(focal) and focal > 0 else None
    except (OSError, ValueError, TypeError, ZeroDivisionError, SyntaxError, UserError):
        return None
