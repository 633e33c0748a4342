"""A number per pixel, such as its class, in image files."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from mdetools.datasets.readers.content import Source, content_of
from mdetools.datasets.readers.image import PNG_START, decode
from mdetools.errors import UserError

__all__ = ["MASK_ENDINGS", "has_palette", "read_class_map"]

MASK_ENDINGS = (".png", ".bmp", ".tif", ".tiff", ".pgm")  # formats that keep numbers as they are
GREY, PALETTE = 0, 3  # colour types in a PNG's header
HEADER = 26  # its bytes, up to the colour type


def read_class_map(path: Source) -> np.ndarray:
    """The numbers that an image file holds, one a pixel.

    A palette PNG, as VOC's, DAVIS's and many tools' masks are, holds numbers too, and colours for looking at them: the
    numbers are read. A grey image that was saved as RGB is taken as well. Grey PNGs of 1, 2 or 4 bits hold 0..1, 0..3
    or 0..15.

    Returns:
        uint8 or uint16 (H, W).

    Raises:
        UserError: if the file cannot be read, or holds colours.
    """
    content = content_of(path, "a mask: an image with a number per pixel")
    values = decode(content, -1, path)  # as the file has it; also checks that it is whole, and of a size to be read
    bits, kind = png_header(content)
    if kind == PALETTE:
        with Image.open(io.BytesIO(content)) as picture:
            return np.array(picture)
    if kind == GREY and bits < 8:
        return values // np.uint8(255 // (2**bits - 1))  # decoders spread them over 0..255
    if values.ndim == 3:
        values = one_channel(values, path)
    if values.dtype not in (np.uint8, np.uint16):
        raise UserError(f"{path}: is a mask of {values.dtype}, expected 8 or 16 bits, a class per pixel; convert it")
    return values


def has_palette(path: Path | str) -> bool:
    """Whether a file is a palette PNG, by its first bytes; False if it cannot be read, which reading it tells."""
    try:
        with Path(path).open("rb") as file:
            return png_header(file.read(HEADER))[1] == PALETTE
    except OSError:
        return False


def png_header(content: bytes) -> tuple[int, int]:
    """Bits of a number, and colour type, of a PNG; zeros of another file."""
    return (content[24], content[25]) if content.startswith(PNG_START) and len(content) >= HEADER else (8, -1)


def one_channel(values: np.ndarray, path: Source) -> np.ndarray:
    """The numbers (H, W) of an image whose colour channels are the same; opacity is dropped.

    Raises:
        UserError: if it has colours.
    """
    colours = values[..., :3] if values.shape[2] > 2 else values[..., :1]
    differ = (colours != colours[..., :1]).any(2)
    if differ.any():
        red, green, blue = colours[differ][0, ::-1].tolist()
        raise UserError(
            f"{path}: holds colours, such as ({red}, {green}, {blue}), expected a class number per pixel; convert each "
            "colour to its number, or take the masks of numbers that most data sets have beside those of colours"
        )
    return np.ascontiguousarray(colours[..., 0])
