"""Image files."""

from pathlib import Path

import cv2
import numpy as np

from mdetools.errors import UserError

__all__ = ["read_image", "write_image"]


def read_image(path: str | Path) -> np.ndarray:
    """Reads an image file as uint8 RGB (H, W, 3); grey images are repeated, alpha is dropped, 16 bits are halved.

    Raises:
        UserError: if the file is missing or no image.
    """
    if not Path(path).is_file():
        raise UserError(f"no image file '{path}'")
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise UserError(f"'{path}' is no image that OpenCV reads; expected e.g. PNG or JPEG")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Writes uint8 RGB (H, W, 3) as the format that the name's ending says; the folder is made if missing.

    Raises:
        UserError: if it cannot be written.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
        raise UserError(f"picture '{path}' cannot be written; check the folder and the free space")
