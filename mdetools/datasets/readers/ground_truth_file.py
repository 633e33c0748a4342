"""Depth of a whole split in one compressed .npz: written once, then read instead of projecting scans each time."""

import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from mdetools.errors import UserError

__all__ = ["GroundTruthFile", "write_ground_truth"]

SOURCE = "depth_source"
MEND = "write it anew with `python tools/export_ground_truth.py`"


def write_ground_truth(path: Path, depths: Iterable[tuple[str, np.ndarray]], depth_source: str | None) -> None:
    """Writes depths as they come, one in memory at a time; the file appears whole or not at all.

    Args:
        path: of the .npz; its folder is made.
        depths: pairs of a sample's `meta["id"]` and its depth, float32 (H, W) in metres, 0 where invalid.
        depth_source: what they are, e.g. `velodyne`; kept in the file under that name.

    Raises:
        UserError: if the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        archive = zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED)
    try:
        with writing(path):
            add_array(archive, SOURCE, np.array(depth_source or ""))
        for name, depth in depths:  # outside of `writing`: what cannot be read is no fault of the file
            with writing(path):
                add_array(archive, name, depth)
        with writing(path):
            archive.close()
            partial.replace(path)
    finally:
        with suppress(OSError):  # of a file that is thrown away
            archive.close()
        partial.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an `OSError` inside into a `UserError` that names the file."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); mend that and run it again") from error


def add_array(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    """Adds one array as `np.load` expects it."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


class GroundTruthFile:
    """Reads what `write_ground_truth` wrote. Each process opens the file anew: a fork would share its position.

    Args:
        path: of the .npz.
        ids: what must be in it.

    Raises:
        UserError: if the file is missing, no such file, or lacks an id.
    """

    def __init__(self, path: str, ids: Iterable[str]) -> None:
        self.path = Path(path)
        self.file, self.process = None, -1
        if not self.path.is_file():
            raise UserError(f"no ground truth file {path}; {MEND}")
        there = {name.removesuffix(".npy") for name in self.open().namelist()}
        if SOURCE not in there:
            raise UserError(f"{path}: has no '{SOURCE}' in it, so it is no ground truth file; {MEND}")
        self.depth_source = str(self.array(SOURCE)) or None
        missing = sorted(set(ids) - there)
        if missing:
            raise UserError(f"{path}: lacks {len(missing)} frames of the split, e.g. '{missing[0]}'; {MEND}")

    def __getstate__(self) -> dict:
        return {**self.__dict__, "file": None, "process": -1}  # an open handle can't go to a spawned worker

    def open(self) -> zipfile.ZipFile:
        """The file, opened by this process."""
        if self.process != os.getpid():
            try:
                self.file, self.process = zipfile.ZipFile(self.path), os.getpid()
            except (OSError, zipfile.BadZipFile) as error:
                raise UserError(f"{self.path}: not a readable .npz ({error}); {MEND}") from error
        return self.file

    def array(self, name: str) -> np.ndarray:
        """One array of the file.

        Raises:
            UserError: if it is damaged.
        """
        try:
            content = self.open().read(f"{name}.npy")  # which compares its checksum, before anything is made of it
        except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise UserError(f"{self.path}: '{name}' cannot be read ({error}); {MEND}") from error
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
