"""Depth of a whole split in one compressed .npz: written once, then read instead of projecting scans each time."""

import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from mdetools.datasets.readers.file_handle import FileHandle
from mdetools.datasets.readers.numpy_file import read_entry
from mdetools.datasets.readers.packed import reading_packed
from mdetools.errors import UserError, one_line
from mdetools.files import replacing
from mdetools.reading import is_file

__all__ = ["GroundTruthFile", "write_ground_truth"]

SOURCE = "depth_source"
WRITE_IT = "write it again with `python tools/export_ground_truth.py`"

Depths = Iterable[tuple[str, np.ndarray]]


def write_ground_truth(path: Path, depths: Depths, depth_source: str | None) -> None:
    """Writes depths as they come, one in memory at a time; the file appears whole or not at all.

    Args:
        path: of the .npz; its folder is made.
        depths: pairs of a sample's `meta["id"]` and its depth, float32 (H, W) in metres, 0 where invalid.
        depth_source: what they are, e.g. `velodyne`; kept in the file under that name.

    Raises:
        UserError: if the file cannot be written.
    """
    try:
        with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            add_array(archive, SOURCE, np.array(depth_source or ""))
            for name, depth in mark_read_errors(depths):
                add_array(archive, name, depth)
    except DepthsError as failure:
        raise failure.__cause__ from None


class DepthsError(Exception):
    """What the depths are made from cannot be read, which is no fault of the file that is written."""


def mark_read_errors(depths: Depths) -> Iterator[tuple[str, np.ndarray]]:
    """The depths; an `OSError` of theirs becomes a `DepthsError`."""
    try:
        yield from depths
    except OSError as error:
        raise DepthsError from error


def add_array(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    """Adds one array as `np.load` expects it."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


class GroundTruthFile:
    """Reads what `write_ground_truth` wrote.

    Args:
        path: of the .npz; each process opens it for itself.
        ids: what must be in it.

    Raises:
        UserError: if the file is missing, no such file, or lacks an id.
    """

    def __init__(self, path: str, ids: Iterable[str]) -> None:
        self.path = Path(path)
        self.handle = FileHandle(partial(zipfile.ZipFile, self.path))
        if not is_file(self.path):
            raise UserError(f"no ground truth file {path}; {WRITE_IT}")
        with reading_packed(self.path, "the file", WRITE_IT):
            there = {name.removesuffix(".npy") for name in self.handle.get().namelist()}
        if SOURCE not in there:
            raise UserError(f"{path}: has no '{SOURCE}' in it, so it is no ground truth file; {WRITE_IT}")
        self.depth_source = one_line(self.array(SOURCE, "U", 0), 100) or None
        missing = sorted(set(ids) - there)
        if missing:
            raise UserError(f"{path}: lacks {len(missing)} frames of the split, e.g. '{missing[0]}'; {WRITE_IT}")

    def depth(self, name: str) -> np.ndarray:
        """The depth of one frame, float32 (H, W) in metres.

        Raises:
            UserError: if it is damaged, or something else.
        """
        return self.array(name, "f4", 2)

    def array(self, name: str, kind: str, axes: int) -> np.ndarray:
        """One array of the file.

        Args:
            name: of it.
            kind: of its type, as NumPy writes it.
            axes: how many it has.

        Raises:
            UserError: if it is damaged, or something else.
        """
        with reading_packed(self.path, f"'{name}'", WRITE_IT):
            array = read_entry(self.handle.get(), name, self.path)
        if array.ndim != axes or not array.dtype.str.startswith(np.dtype(kind).str.rstrip("0")):
            raise UserError(
                f"{self.path}: '{name}' is {one_line(array.dtype, 100)} with {array.ndim} axes, expected {kind} with "
                f"{axes}; {WRITE_IT}"
            )
        return array
