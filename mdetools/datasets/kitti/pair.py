"""The images of a KITTI frame."""

from pathlib import Path

import numpy as np

from mdetools.datasets.readers.image import read_image
from mdetools.errors import UserError
from mdetools.reading import is_file

__all__ = ["read_camera_image"]


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
