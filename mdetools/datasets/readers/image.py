"""Image files."""

import math

import cv2
import numpy as np

from mdetools.datasets.readers.content import Source, content_of
from mdetools.datasets.readers.image_bits import ALL_BITS, bits_of
from mdetools.datasets.readers.image_header import declared_size
from mdetools.datasets.readers.tiff_tags import check_one_page, unusual_type
from mdetools.errors import UserError
from mdetools.reading import check_size

__all__ = ["decode_image", "read_image", "read_pair"]

JPEG_START, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND"
TYPES = ("uint8", "uint16")
BYTES_PER_PIXEL = 3  # what an image is counted with against the limit; one of 16 bits takes twice that


def read_image(path: Source, upright: bool = False, bits: int | None = None) -> np.ndarray:
    """Reads an image file as uint8 RGB (H, W, 3); grey images are repeated, alpha is dropped, 16 bits become 8.

    A camera of 8, 10, 12 or 14 bits fills but the lower part of 16. Such images are brought to 8 bits by `bits`, or
    else by the fewest of these that hold their largest value, which is told once for each number of bits.

    Args:
        path: of the file, or a member of an archive.
        upright: turn it as its EXIF orientation says. Data sets take images as they are stored, as their depth is.
        bits: that the camera fills of a 16-bit image, 8 to 16.

    Raises:
        UserError: if the file cannot be read, is no image, is cut off, has several pages or values of another type
            than 8 or 16 bits, or values beyond `bits`.
    """
    return read_alike([path], bits, upright)[0]


def read_pair(left: Source, right: Source, bits: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Reads the two images of a pair as `read_image` does, but 16-bit ones by the same bits, the larger in use."""
    first, second = read_alike([left, right], bits)
    return first, second


def read_alike(paths: list[Source], bits: int | None, upright: bool = False) -> list[np.ndarray]:
    """Reads images of one camera, or of a pair of one kind, which are brought to 8 bits alike."""
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    images = [decode_colours(path, flags | cv2.IMREAD_ANYDEPTH) for path in paths]
    bits = bits_of(images, paths, bits)
    for number, (image, path) in enumerate(zip(images, paths, strict=True)):
        if image.dtype != np.uint8:
            image = decode_colours(path, flags) if bits == ALL_BITS else (image >> (bits - 8)).astype(np.uint8)
        images[number] = cv2.cvtColor(image, cv2.COLOR_BGR2RGB, image)
    return images


def decode_colours(path: Source, flags: int) -> np.ndarray:
    """Decodes an image file to uint8 or uint16 (H, W, 3), blue first; see `decode_image`.

    Raises:
        UserError: if its values are of another type, too.
    """
    content = content_of(path, "an image file")
    check_type(unusual_type(content), path)  # before OpenCV, which fails at grey floats and prints that
    image = decode(content, flags, path)
    check_type(image.dtype.name, path)
    return image


def check_type(name: str | None, path: Source) -> None:
    """Checks the type of an image's values; None is not known yet."""
    if name not in (None, *TYPES):
        raise UserError(f"{path}: is an image of {name}, expected 8 or 16 bits without a sign; convert it")


def decode_image(path: Source, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    """Decodes an image file with OpenCV.

    Args:
        path: of the file.
        flags: of `cv2.imdecode`; as the file has it by default, such as uint16 (H, W) of a depth map.

    Returns:
        (H, W), or (H, W, channels) with blue first.

    Raises:
        UserError: if the file cannot be read, is no image, is cut off, has several pages, or declares more pixels than
            the limit of `mdetools.reading` allows for.
    """
    return decode(content_of(path, "an image file"), flags, path)


def decode(content: bytes, flags: int, path: Source) -> np.ndarray:
    """Decodes the content of a file; see `decode_image`."""
    check_one_page(content, path)
    size = None if is_cut_png(content) else declared_size(content)
    if size is not None:
        check_size(math.prod(size) * BYTES_PER_PIXEL, f"{path}: an image of {size[0]}x{size[1]}")
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
