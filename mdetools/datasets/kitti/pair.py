"""The two images of a KITTI frame."""

from pathlib import Path

import numpy as np

from mdetools.datasets.readers.image import read_image
from mdetools.errors import UserError
from mdetools.reading import is_file

__all__ = ["check_pair", "read_camera_image"]


def read_camera_image(path: Path) -> np.ndarray:
    """Reads uint8 RGB (H, W, 3).

    Raises:
        UserError: if it is not there or cannot be decoded.
    """
    if not is_file(path):
        raise UserError(
            f"{path}: no such image, as .png, .jpg or .jpeg; copy it there, or leave the frame out of the split"
        )
    return read_image(path)


def check_pair(image: np.ndarray, path: Path, other: np.ndarray, other_path: Path) -> None:
    """Checks that the two images of a pair have one size.

    Raises:
        UserError: if they have not.
    """
    if image.shape != other.shape:
        (height, width), (other_height, other_width) = image.shape[:2], other.shape[:2]
        raise UserError(
            f"{other_path}: is {other_height}x{other_width}, but {path} is {height}x{width}, expected one size for a "
            "rectified pair; copy both from the same archive"
        )
