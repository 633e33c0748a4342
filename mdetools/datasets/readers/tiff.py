"""TIFF: most by OpenCV, the others by tifffile, which is imported on the first of them."""

import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mdetools.datasets.readers.deflated import may_exceed_limit
from mdetools.datasets.readers.format_package import format_package
from mdetools.datasets.readers.image import decode_image
from mdetools.datasets.readers.image_header import declared_size
from mdetools.datasets.readers.tiff_tags import check_one_page
from mdetools.errors import UserError, one_line
from mdetools.reading import check_size, read_bytes, read_cure

if TYPE_CHECKING:
    from tifffile import TiffPage

__all__ = ["read_tiff"]

DEFLATE = (8, 32946)  # its numbers among the compressions


def read_tiff(path: str | Path, key: str | None = None) -> np.ndarray:
    """The page of a TIFF file, of the file's type: (H, W), or (H, W, channels).

    Raises:
        UserError: if the file cannot be read, is too large or has several pages, or needs the package tifffile,
            which is missing.
    """
    content = read_bytes(path, "a TIFF file")
    if declared_size(content) is not None:  # of a kind that OpenCV has; it prints what it fails at
        return decode_image(path)
    check_one_page(content, path)
    package = format_package("tifffile", path)
    try:
        with package.TiffFile(io.BytesIO(content)) as file:
            page = file.pages[0]
            check_size(page.nbytes, f"{path}: an image of {'x'.join(map(str, page.shape))} {page.dtype}")
            check_packed(page, content)
            return page.asarray()
    except UserError:
        raise
    except Exception as error:  # tifffile raises anything at a damaged file
        cure = read_cure(error, "copy it again, or save it without compression")
        raise UserError(f"{path}: not a readable TIFF file ({one_line(error, 200)}); {cure}") from error


def check_packed(page: "TiffPage", content: bytes) -> None:
    """Checks what tifffile itself does not: it unpacks a stream of deflate to its end, however long that is.

    Raises:
        ValueError: if a piece of the image unpacks to more than the whole has.
    """
    if page.compression not in DEFLATE:
        return
    for at, size in zip(page.dataoffsets, page.databytecounts, strict=True):
        if may_exceed_limit(size):
            stream = zlib.decompressobj()
            stream.decompress(content[at : at + size], page.nbytes)
            if stream.unconsumed_tail:
                raise ValueError("more is packed in it than it declares")
