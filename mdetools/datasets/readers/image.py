"""Image files."""

from pathlib import Path

import cv2
import numpy as np

from mdetools.errors import UserError

__all__ = ["decode_image", "read_image"]

JPEG_START, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"


def read_image(path: str | Path) -> np.ndarray:
    """Reads an image file as uint8 RGB (H, W, 3); grey images are repeated, alpha is dropped, 16 bits become 8.

    Raises:
        UserError: if the file cannot be read, is no image, or is cut off.
    """
    image = decode_image(path, cv2.IMREAD_COLOR)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB, image)


def decode_image(path: str | Path, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    """Decodes an image file with OpenCV.

    Args:
        path: of the file.
        flags: of `cv2.imdecode`; as the file has it by default, such as uint16 (H, W) of a depth map.

    Returns:
        (H, W), or (H, W, channels) with blue first.

    Raises:
        UserError: if the file cannot be read, is no image, or is cut off.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}), expected an image file; copy it there") from error
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content else None
    except cv2.error:  # a damaged header may ask for an image of any size
        image = None
    if image is None or is_cut_jpeg(content):
        raise UserError(f"{path}: not a readable image, expected e.g. a whole PNG or JPEG; copy it again")
    return image


def is_cut_jpeg(content: bytes) -> bool:
    """Whether a file is a JPEG that ends too early: OpenCV may fill the rest of such an image with grey.

    The segments before the image are passed over by their length, as a thumbnail in them has an end of its own. In the
    image's compressed data the marker of the end cannot occur, and what follows it does not matter.
    """
    if not content.startswith(JPEG_START):
        return False
    at = len(JPEG_START)
    while content[at : at + 1] == b"\xff" and content[at : at + 2] != JPEG_SCAN:
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return content.find(JPEG_END, at) < 0
