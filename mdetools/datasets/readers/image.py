"""Image files."""

import math
import warnings
from pathlib import Path

import cv2
import numpy as np

from mdetools.datasets.readers.image_header import declared_size
from mdetools.errors import UserError
from mdetools.reading import check_size, read_bytes

__all__ = ["decode_image", "read_image"]

JPEG_START, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
CAMERA_BITS = (8, 10, 12, 14)
told_bits: set[int] = set()
CHANNELS = 3  # what an image is counted with against the limit


def read_image(path: str | Path, upright: bool = False) -> np.ndarray:
    """Reads an image file as uint8 RGB (H, W, 3); grey images are repeated, alpha is dropped, 16 bits become 8.

    A camera of 8, 10, 12 or 14 bits fills but the lower part of 16. Such images are brought to 8 bits by the fewest of
    these bits that hold their largest value, which is told once for each number of bits.

    Args:
        path: of the file.
        upright: turn it as its EXIF orientation says. Data sets take images as they are stored, as their depth is.

    Raises:
        UserError: if the file cannot be read, is no image, or is cut off.
    """
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = decode_image(path, flags | cv2.IMREAD_ANYDEPTH)
    if image.dtype != np.uint8:
        bits = bits_used(image)
        image = decode_image(path, flags) if bits is None else (image >> (bits - 8)).astype(np.uint8)
        warn_of_bits(bits, path)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB, image)


def bits_used(image: np.ndarray) -> int | None:
    """The bits of the camera of a 16-bit image, by its largest value; None if these are all, or of another type."""
    if image.dtype != np.uint16:
        return None
    return next((bits for bits in CAMERA_BITS if image.max() < 2**bits), None)


def warn_of_bits(bits: int | None, path: str | Path) -> None:
    """Warns of an image that does not use all its bits, once a process for each number of them."""
    if bits not in (None, *told_bits):
        told_bits.add(bits)
        warnings.warn(
            f"{path}: the largest value of this 16-bit image fits in {bits} bits, and by these it is brought to 8; if "
            "such images of yours are dark ones of more bits, convert them to 8 bits",
            stacklevel=4,
        )


def decode_image(path: str | Path, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    """Decodes an image file with OpenCV.

    Args:
        path: of the file.
        flags: of `cv2.imdecode`; as the file has it by default, such as uint16 (H, W) of a depth map.

    Returns:
        (H, W), or (H, W, channels) with blue first.

    Raises:
        UserError: if the file cannot be read, is no image, is cut off, or declares more pixels than the limit of
            `mdetools.reading` allows for.
    """
    content = read_bytes(path, "an image file")
    size = None if is_cut_png(content) else declared_size(content)
    if size is not None:
        check_size(math.prod(size) * CHANNELS, f"{path}: an image of {size[0]}x{size[1]}")
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if size is not None else None
    except cv2.error:
        image = None
    if image is None or is_cut_jpeg(content):
        raise UserError(f"{path}: not a readable image, expected e.g. a whole PNG or JPEG; copy it again")
    return image


def is_cut_png(content: bytes) -> bool:
    """Whether a file is a PNG of which a chunk is longer than what is left: OpenCV takes memory for all of it."""
    if not content.startswith(PNG_START):
        return False
    at = len(PNG_START)
    while content[at + 4 : at + 8] not in (PNG_END, b""):
        at += 12 + int.from_bytes(content[at : at + 4], "big")
    return at + 12 > len(content)


def is_cut_jpeg(content: bytes) -> bool:
    """Whether a file is a JPEG that ends too early: OpenCV may fill the rest of such an image with grey.

    The segments before the image are passed over by their length, as a thumbnail in them has an end of its own. In the
    image's compressed data the marker of the end cannot occur, and what follows it does not matter.
    """
    if not content.startswith(JPEG_START):
        return False
    at = len(JPEG_START)
    while content[at : at + 1] == b"\xff" and content[at : at + 2] != JPEG_SCAN:
        if content[at + 1 : at + 2] == b"\xff":  # any number of these may stand before a marker
            at += 1
            continue
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return content.find(JPEG_END, at) < 0
