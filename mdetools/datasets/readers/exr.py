"""OpenEXR, by its own binding, which is imported on the first read."""

from pathlib import Path

import numpy as np

from mdetools.datasets.readers.format_package import format_package
from mdetools.datasets.readers.naming import choose_array
from mdetools.errors import UserError, one_line
from mdetools.reading import check_size, read_cure, require_file

__all__ = ["read_exr"]

USUAL = ("Z", "depth", "Depth", "Y")  # names of the channel of depth
COLOURS = {"R", "G", "B", "A"}


def read_exr(path: str | Path, key: str | None = None) -> np.ndarray:
    """One channel of an .exr file: that of the name `key`, or else `Z`, `depth` or `Y`, or the only one.

    Without any of these, red, green and blue are read together: programs write depth into all three.

    Returns:
        (H, W), or (H, W, 3).

    Raises:
        UserError: if the OpenEXR package is missing, the file cannot be read, lacks the channel, has several parts, or
            is too large.
    """
    package = format_package("OpenEXR", path)
    require_file(path, "an OpenEXR file")
    try:
        check_header(package.File(str(path), header_only=True, num_threads=0), path)
        file = package.File(str(path), separate_channels=True, num_threads=0)
        planes = {name: channel.pixels for name, channel in file.channels().items()}
    except UserError:
        raise
    except Exception as error:  # the binding raises whatever C++ throws
        cure = read_cure(error, "copy it again")
        raise UserError(f"{path}: not a readable OpenEXR file ({one_line(error, 200)}); {cure}") from error
    if key is None and not set(USUAL) & planes.keys() and {"R", "G", "B"} <= planes.keys() <= COLOURS:
        return np.stack([planes[name] for name in "RGB"], axis=-1)
    usual = next((name for name in USUAL if name in planes), None)
    return planes[choose_array(planes, key or usual, path)]


def check_header(file, path: str | Path) -> None:
    """Checks what a file declares, before its pixels are read.

    Raises:
        UserError: if that is too much, or of several parts.
    """
    if len(file.parts) != 1:
        raise UserError(f"{path}: has {len(file.parts)} parts, expected one; write the depth into a file of its own")
    header = file.header()
    (left, top), (right, bottom) = (map(int, corner) for corner in header["dataWindow"])
    size = max(right - left + 1, 0) * max(bottom - top + 1, 0)
    check_size(size * 4 * len(header["channels"]), f"{path}: an image of {bottom - top + 1}x{right - left + 1}")
