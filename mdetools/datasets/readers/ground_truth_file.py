"""Depth of a whole split in one compressed .npz: written once, then read instead of projecting scans each time."""

import io
import lzma
import math
import struct
import sys
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from mdetools.datasets.readers.file_handle import FileHandle
from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason, replacing
from mdetools.reading import check_size, is_file, read_cure

__all__ = ["GroundTruthFile", "write_ground_truth"]

SOURCE = "depth_source"
WRITE_IT = "write it again with `python tools/export_ground_truth.py`"
# What zipfile, its methods of compression and NumPy raise, by where the damage lies.
DAMAGED = (OSError, EOFError, LookupError, ValueError, TypeError, SyntaxError, OverflowError, RuntimeError)
DAMAGED += (MemoryError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}

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
        if not is_file(self.path):
            raise UserError(f"no ground truth file {path}; {WRITE_IT}")
        with self.reading("the file"):
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
        with self.reading(f"'{name}'"):
            archive = self.handle.get()
            entry = archive.getinfo(f"{name}.npy")
            check_size(entry.file_size, f"{self.path}: '{name}'")
            content = archive.read(entry)  # which compares its checksum, before anything is made of it
            array = array_of(content)
        if array.ndim != axes or not array.dtype.str.startswith(np.dtype(kind).str.rstrip("0")):
            raise UserError(
                f"{self.path}: '{name}' is {one_line(array.dtype, 100)} with {array.ndim} axes, expected {kind} with "
                f"{axes}; {WRITE_IT}"
            )
        return array

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Turns whatever a damaged archive raises inside into a `UserError`."""
        try:
            yield
        except UserError:
            raise
        except DAMAGED as error:
            cure = read_cure(error, WRITE_IT)
            raise UserError(f"{self.path}: {what} cannot be read ({failure_reason(error)}); {cure}") from error


def array_of(content: bytes) -> np.ndarray:
    """The array of a .npy file, whose header must declare just what follows it; nothing in it is unpickled.

    Raises:
        ValueError: if it is no such file.
    """
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"version {version} of .npy")
    shape, transposed, dtype = HEADERS[version](file)
    found, expected = len(content) - file.tell(), math.prod(shape) * dtype.itemsize
    if dtype.hasobject or found != expected or not dtype.itemsize:
        raise ValueError(f"{dtype} {shape} takes {expected} bytes and there are {found}")
    if dtype.kind == "U" and max(np.frombuffer(content, "u4", offset=file.tell()), default=0) > sys.maxunicode:
        raise ValueError("text with characters that there are not")
    return np.frombuffer(content, dtype, offset=file.tell()).copy().reshape(shape, order="F" if transposed else "C")
