"""The size that an image file declares, read before anything is decoded."""

import io
import re
from functools import cache

from PIL import Image

__all__ = ["declared_size"]

# What OpenCV decodes too. A name that the installed version of Pillow does not know is passed over.
FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "AVIF", "JPEG2000", "PPM", "SUN")
# Floating point images, whose header is text: PFM, PAM and Radiance HDR. Pillow reads none of them in all versions.
TEXT_HEADERS = (
    re.compile(rb"P[Ff]\s+(?P<width>\d{1,9})\s+(?P<height>\d{1,9})\s"),
    re.compile(rb"P7\n(?s:.{,300}?)WIDTH (?P<width>\d{1,9})\nHEIGHT (?P<height>\d{1,9})\n"),
    re.compile(rb"#\?(?s:.{,3000}?)\n\n-Y (?P<height>\d{1,9}) \+X (?P<width>\d{1,9})\n"),
)


@cache
def openers() -> tuple:
    """For each format a class that reads the header of a file, and a test of its first bytes.

    `Image.open` would do the same, but it refuses large images by a limit of its own.
    """
    Image.init()
    return tuple(Image.OPEN[name] for name in FORMATS if name in Image.OPEN)


def declared_size(content: bytes) -> tuple[int, int] | None:
    """(height, width) of an image file, or None if it is no image, or its header is damaged."""
    for opener, accepts in openers():
        if accepts(content[:16]) is not True:
            continue
        try:
            with opener(io.BytesIO(content), "") as header:
                return header.height, header.width
        except Exception:  # a damaged header raises anything
            continue
    found = next(filter(None, (header.match(content) for header in TEXT_HEADERS)), None)
    return (int(found["height"]), int(found["width"])) if found else None
