"""Depth of a whole split in one compressed .npz: written once, then read instead of projecting scans each time."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from mdetools.datasets.readers.file_handle import FileHandle
from mdetools.errors import UserError, one_line
from mdetools.files import replacing

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
            for name, depth in apart(depths):
                add_array(archive, name, depth)
    except DepthsError as failure:
        raise failure.__cause__ from None


class DepthsError(Exception):
    """What the depths are made from cannot be read, which is no fault of the file that is written."""


def apart(depths: Depths) -> Iterator[tuple[str, np.ndarray]]:
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
        if not self.path.is_file():
            raise UserError(f"no ground truth file {path}; {WRITE_IT}")
        there = {name.removesuffix(".npy") for name in self.open().namelist()}
        if SOURCE not in there:
            raise UserError(f"{path}: has no '{SOURCE}' in it, so it is no ground truth file; {WRITE_IT}")
        self.depth_source = str(self.array(SOURCE)) or None
        missing = sorted(set(ids) - there)
        if missing:
            raise UserError(f"{path}: lacks {len(missing)} frames of the split, e.g. '{missing[0]}'; {WRITE_IT}")

    def open(self) -> zipfile.ZipFile:
        """The file, opened by this process."""
        try:
            return self.handle.get()
        except (OSError, zipfile.BadZipFile) as error:
            raise UserError(f"{self.path}: not a readable .npz ({one_line(error)}); {WRITE_IT}") from error

    def array(self, name: str) -> np.ndarray:
        """One array of the file.

        Raises:
            UserError: if it is damaged.
        """
        try:
            content = self.open().read(f"{name}.npy")  # which compares its checksum, before anything is made of it
        except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise UserError(f"{self.path}: '{name}' cannot be read ({one_line(error)}); {WRITE_IT}") from error
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
