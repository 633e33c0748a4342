"""Maps of real numbers in 16-bit PNGs."""

from pathlib import Path

import numpy as np

from mdetools.datasets.readers.image import decode_image
from mdetools.errors import UserError

__all__ = ["read_png16", "read_png16_values"]


def read_png16(path: str | Path, scale: int) -> np.ndarray:
    """Reads a map that was stored as 16-bit PNG of value x `scale`, with 0 where nothing is known.

    The largest value, 65535, becomes 0 too: sensors and renderers mean by it that there is nothing within their range.

    Args:
        path: of the file.
        scale: 256 for KITTI's depth and disparity; 1000 for millimetres.

    Returns:
        float32 (H, W).

    Raises:
        UserError: if it cannot be decoded, or is not 16-bit with one channel.
    """
    values = read_png16_values(path, f"value x {scale}")
    values[values == np.iinfo(values.dtype).max] = 0
    return values / np.float32(scale)


def read_png16_values(path: str | Path, meaning: str) -> np.ndarray:
    """Reads a 16-bit PNG as it is, uint16 (H, W); `meaning` of its values is for the error.

    Raises:
        UserError: if it cannot be decoded, or is not 16-bit with one channel.
    """
    values = decode_image(path)
    if values.dtype != np.uint16 or values.ndim != 2:
        raise UserError(
            f"{path}: is {values.dtype} {values.shape}, expected a 16-bit PNG with one channel, {meaning}; "
            "convert the file"
        )
    return values
