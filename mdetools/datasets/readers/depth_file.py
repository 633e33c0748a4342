"""Depth maps in files of any format, as they are stored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mdetools.datasets.readers.archive import ArchiveMember
from mdetools.datasets.readers.content import Source
from mdetools.datasets.readers.exr import read_exr
from mdetools.datasets.readers.hdf5_map import read_hdf5_map
from mdetools.datasets.readers.image import decode_image
from mdetools.datasets.readers.mat import read_mat
from mdetools.datasets.readers.numpy_file import read_npy, read_npz
from mdetools.datasets.readers.pfm import read_pfm
from mdetools.datasets.readers.tiff import read_tiff
from mdetools.errors import UserError, one_line

__all__ = ["ARCHIVED_ENDINGS", "DEPTH_ENDINGS", "read_depth_file"]

CHANNELS = 4  # that an image may have, the fourth of which is opacity


def read_png(path: Source, key: str | None) -> np.ndarray:
    """A PNG, or an image of another format of whole numbers, which has no names in it."""
    return decode_image(path)


READERS: dict[str, Callable[[str | Path, str | None], np.ndarray]] = {
    **dict.fromkeys((".png", ".pgm"), read_png),
    **dict.fromkeys((".tif", ".tiff"), read_tiff),
    ".npy": read_npy,
    ".npz": read_npz,
    ".exr": read_exr,
    ".pfm": read_pfm,
    **dict.fromkeys((".h5", ".hdf5"), read_hdf5_map),
    ".mat": read_mat,
}
DEPTH_ENDINGS = tuple(READERS)
ARCHIVED_ENDINGS = (".png", ".pgm", ".npy", ".npz")  # whose readers take members of archives


def read_depth_file(path: Source, key: str | None = None) -> np.ndarray:
    """Reads a depth map in the format that the file's ending names.

    Args:
        path: of the file, or, with one of `ARCHIVED_ENDINGS`, a member of an archive.
        key: name of the array, of files that hold several.

    Returns:
        (H, W), numbers of the file's type: not scaled, holes as they are.

    Raises:
        UserError: if the ending is unknown, the file cannot be read or is too large, or what is in it is no map of
            numbers.
    """
    ending = Path(str(path)).suffix.lower()
    known = ARCHIVED_ENDINGS if isinstance(path, ArchiveMember) else DEPTH_ENDINGS
    if ending not in known:
        raise UserError(
            f"{path}: a depth file cannot have the ending '{one_line(ending, 40)}', expected one of "
            f"{', '.join(known)}; convert it"
        )
    return as_map(READERS[ending](path, key), path)


def as_map(values: np.ndarray, path: Source) -> np.ndarray:
    """The map (H, W) in an array as it was read, in the machine's byte order.

    Axes of length 1 are dropped, and of channels that are all equal one is taken, since some programs write grey so.

    Raises:
        UserError: if it holds no numbers, or is no map.
    """
    if values.dtype.kind not in "uif" or values.dtype.itemsize > 8:
        raise UserError(f"{path}: depth is of type {one_line(values.dtype, 80)}, expected numbers; convert the file")
    shape = values.shape
    while values.ndim > 2 and 1 in values.shape:
        values = values.squeeze(values.shape.index(1))
    if values.ndim == 3 and min(values.shape[0], values.shape[-1]) <= CHANNELS:
        planes = values if values.shape[0] <= CHANNELS else np.moveaxis(values, -1, 0)
        if not all(np.array_equal(planes[0], plane, equal_nan=values.dtype.kind == "f") for plane in planes[1:3]):
            raise UserError(
                f"{path}: depth has {len(planes)} channels that differ, expected one; choose one with depth_key, "
                "convert the file (a coloured picture of depth is no depth), or swap the list's columns if this is the "
                "image"
            )
        values = planes[0]
    if values.ndim != 2 or not values.size:
        raise UserError(f"{path}: depth has shape {shape}, expected (H, W); convert the file")
    return np.ascontiguousarray(values, values.dtype.newbyteorder("="))
