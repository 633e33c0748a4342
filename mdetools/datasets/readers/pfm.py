"""PFM, the format of Middlebury's disparities: a header of three lines, then raw floats from the bottom row up.

OpenCV divides the values by the header's scale. Those who write PFM mean by it the byte order alone, by its sign, and
Middlebury's files hold pixels whatever it is, so the floats are taken here as they are.
"""

import re
from pathlib import Path

import numpy as np

from mdetools.errors import UserError
from mdetools.reading import read_bytes

__all__ = ["read_pfm"]

HEADER = re.compile(rb"(P[Ff])\s+(\d{1,9})\s+(\d{1,9})\s+([-+]?[0-9.]{1,40}(?:[eE][-+]?\d{1,3})?)(?:\r\n|\s)")
CHANNELS = {b"Pf": 1, b"PF": 3}


def read_pfm(path: str | Path, key: str | None = None) -> np.ndarray:
    """The map of a .pfm file, float32 (H, W), or (H, W, 3).

    Raises:
        UserError: if the file cannot be read, or its header does not fit it.
    """
    content = read_bytes(path, "a PFM file")
    header = HEADER.match(content)
    if header is None:
        raise UserError(f"{path}: no PFM file, expected the header 'Pf <width> <height> <scale>'; copy it again")
    channels, width, height = CHANNELS[header[1]], int(header[2]), int(header[3])
    found, expected = len(content) - header.end(), channels * width * height * 4
    if found != expected:
        raise UserError(
            f"{path}: declares {height}x{width}x{channels} floats, {expected} bytes, and has {found}; copy it again"
        )
    order = "<" if header[4].startswith(b"-") else ">"
    values = np.frombuffer(content, f"{order}f4", offset=header.end())
    return values.reshape((height, width, channels)[: 2 + (channels > 1)])[::-1]
