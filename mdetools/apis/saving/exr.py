"""OpenEXR: float32 in the channel Z, with the unit and the camera in the header."""

from pathlib import Path

import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.saving.facts import facts_of
from mdetools.datasets.readers.format_package import format_package
from mdetools.errors import UserError

__all__ = ["write_exr"]


def write_exr(result: Result, path: Path) -> None:
    """Writes a map of one channel.

    Raises:
        UserError: if it is none, or the OpenEXR package is missing.
    """
    if result.map is None or result.map.ndim != 2:
        raise UserError(f"'{result.quantity}' is not a map of one channel, as exr is written; take --save npy")
    package = format_package("OpenEXR", "an .exr file")
    header = {"compression": package.ZIP_COMPRESSION, "type": package.scanlineimage, **facts_of(result)}
    file = package.File(header, {"Z": np.ascontiguousarray(result.map, np.float32)})
    file.write(str(path))
