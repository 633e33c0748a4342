"""The depth as the file holds it, before a scale or holes are applied."""

from pathlib import Path

import cv2
import numpy as np

from mdetools.datasets.doctor.frame import Frame
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.errors import UserError

__all__ = ["stored"]

ENDINGS = (".png", ".pgm", ".tif", ".tiff", ".npy", ".exr", ".pfm")  # files of one array
SAME = 1e-3  # of a factor: how nearly the values in the file give the depth


def stored(frame: Frame) -> dict:
    """How the depth stands in its file.

    Returns:
        `stored_float`: whether it holds floats; if not, `stored_bits` of its whole numbers, and `full_share`: the share
        of them that are the type's largest. Nothing unless the file that the data set names holds the depth, or its
        inverse, up to a factor.
    """
    if frame.depth is None or not isinstance(frame.path, str) or Path(frame.path).suffix.lower() not in ENDINGS:
        return {}
    try:
        values = read_depth_file(frame.path)
    except (UserError, OSError):  # another kind of file, which the data set has read its own way
        return {}
    if not is_depth(values, frame.depth, frame.valid):
        return {}
    if values.dtype.kind == "f":
        return {"stored_float": True}
    full = float((values == np.iinfo(values.dtype).max).mean())
    return {"stored_float": False, "stored_bits": 8 * values.dtype.itemsize, "full_share": full}


def is_depth(values: np.ndarray, depth: np.ndarray, valid: np.ndarray) -> bool:
    """Whether values (h, w) are the depth (H, W), or its inverse, times a factor in most pixels."""
    values = cv2.resize(values.astype(np.float64), depth.shape[::-1], interpolation=cv2.INTER_NEAREST)
    known = valid & (values > 0)
    if not known.any():
        return False
    factors = [depth[known] / values[known], depth[known] * values[known]]
    return any(np.median(np.abs(factor / np.median(factor) - 1)) < SAME for factor in factors)
