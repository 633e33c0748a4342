"""NumPy's files: an array in a .npy, one of several in a .npz. Nothing in them is unpickled."""

import io
import math
import sys
import zipfile
from pathlib import Path

import numpy as np

from mdetools.datasets.readers.content import Source, content_of, openable
from mdetools.datasets.readers.naming import choose_array
from mdetools.datasets.readers.packed import reading_packed
from mdetools.reading import check_size

__all__ = ["array_of", "read_entry", "read_npy", "read_npz"]

COPY_IT = "copy it again, or write it again with numpy.save or numpy.savez_compressed"
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_npy(path: Source, key: str | None = None) -> np.ndarray:
    """The array of a .npy file, which has no name.

    Raises:
        UserError: if the file cannot be read, is damaged, or holds objects.
    """
    content = content_of(path, "an array in NumPy's format")
    with reading_packed(path, "the array", COPY_IT):
        return array_of(content)


def read_npz(path: Source, key: str | None = None) -> np.ndarray:
    """One array of a .npz file: that of the name `key`, or else `depth`, or else the only one.

    Raises:
        UserError: if the file cannot be read or is damaged, lacks the array, or that is too large or holds objects.
    """
    file = openable(path, "a .npz file")
    with reading_packed(path, "the file", COPY_IT), zipfile.ZipFile(file) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
        return read_entry(archive, choose_array(names, key, path), path)


def read_entry(archive: zipfile.ZipFile, name: str, path: str | Path) -> np.ndarray:
    """One array of an open .npz file.

    Raises:
        UserError: if it is beyond the size limit.
    """
    entry = archive.getinfo(f"{name}.npy")
    check_size(entry.file_size, f"{path}: '{name:.100}'")
    return array_of(archive.read(entry))  # which compares its checksum, before anything is made of it


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
    if dtype.hasobject:
        raise ValueError("holds pickled objects")
    if found != expected or not dtype.itemsize:
        raise ValueError(f"{dtype} {shape} takes {expected} bytes and there are {found}")
    if dtype.kind == "U" and max(np.frombuffer(content, "u4", offset=file.tell()), default=0) > sys.maxunicode:
        raise ValueError("text with characters that there are not")
    return np.frombuffer(content, dtype, offset=file.tell()).copy().reshape(shape, order="F" if transposed else "C")
