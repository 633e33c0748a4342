"""MATLAB's files of level 5, up to `-v7`: a reader of the matrices of numbers in them.

SciPy's reads past its tables, and takes the process down, where a damaged file names a type that there is not.
"""

import math
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mdetools.errors import UserError, one_line
from mdetools.reading import check_size, size_limit

__all__ = ["elements", "matrices", "read_matrices", "reading_level_5"]

HEADER, BYTE_ORDER = 128, slice(126, 128)  # bytes
ORDERS = {b"IM": "<", b"MI": ">"}
# What a tag says of the data behind it, and a matrix's class of its elements.
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
CLASSES = dict(zip(range(6, 16), ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"), strict=True))
MATRIX, COMPRESSED, COMPLEX = 14, 15, 0x0800
SAVE_AGAIN = "copy it again, or save it with MATLAB's `-v7`"


def read_matrices(content: bytes, path: Path) -> dict[str, np.ndarray]:
    """The matrices of a file by their names, of their own types; those that are no real numbers are empty.

    Args:
        content: of the file.
        path: of the file, for errors.

    Raises:
        UserError: if it is no such file, is damaged, or holds more than the size limit.
    """
    with reading_level_5(content, path) as order:
        return dict(read_matrix(data, order, path) for data in matrices(content, order, path))


@contextmanager
def reading_level_5(content: bytes, path: Path) -> Iterator[str]:
    """Gives the byte order of a file, and turns what reading it inside raises into a `UserError`."""
    order = ORDERS.get(content[BYTE_ORDER])
    if order is None:
        raise UserError(f"{path}: not a readable .mat file (no header of level 5); {SAVE_AGAIN}")
    try:
        yield order
    except UserError:
        raise
    except (struct.error, zlib.error, ValueError, OverflowError) as error:
        raise UserError(f"{path}: not a readable .mat file ({one_line(error, 100)}); {SAVE_AGAIN}") from error


def matrices(content: bytes, order: str, path: Path) -> Iterator[bytes]:
    """The matrices of a file, still to be read.

    Raises:
        ValueError, struct.error, zlib.error: if it is damaged.
        UserError: if more is packed in it than the size limit.
    """
    for outer, data in elements(content[HEADER:], order):
        inner = elements(unpack(data, path), order) if outer == COMPRESSED else [(outer, data)]
        yield from (matrix for kind, matrix in inner if kind == MATRIX)


def unpack(data: bytes, path: Path) -> bytes:
    """What a compressed element holds."""
    stream = zlib.decompressobj()
    unpacked = stream.decompress(data, int(min(size_limit(), sys.maxsize)))
    if stream.unconsumed_tail:
        check_size(len(unpacked) + 1, path)
    return unpacked


def read_matrix(data: bytes, order: str, path: Path) -> tuple[str, np.ndarray]:
    """The name and the values of one matrix: its elements are flags, dimensions, name and values.

    The values are empty if they are something else than real numbers. MATLAB stores values in the smallest
    type that holds them, so that their own one is that of the matrix's class.
    """
    parts = list(elements(data, order))
    if len(parts) < 4:
        raise ValueError("a matrix without values")
    flags = struct.unpack(f"{order}I", parts[0][1][:4])[0]
    (kind, values), name = parts[3], parts[2][1].decode("ascii")
    own = CLASSES.get(flags & 0xFF)
    if own is None or flags & COMPLEX or kind not in NUMBERS:
        return name, np.empty(0)
    shape = [int(length) for length in np.frombuffer(parts[1][1], f"{order}i4")]
    stored = np.frombuffer(values, f"{order}{NUMBERS[kind]}")
    if min(shape, default=0) < 0 or math.prod(shape) != stored.size:
        raise ValueError(f"a matrix of {one_line(shape, 60)} with {stored.size} values")
    check_size(stored.size * np.dtype(own).itemsize, f"{path}: '{name:.100}'")
    with np.errstate(invalid="ignore", over="ignore"):
        return name, stored.astype(own).reshape(shape, order="F")


def elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """The elements of a file or a matrix: what kind each is, and its data."""
    at = 0
    while at < len(content):
        kind, size = struct.unpack_from(f"{order}II", content, at)
        start = end = at + 8
        if kind >> 16:  # up to four bytes, within the tag itself
            kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
        if start + size > len(content):
            raise ValueError(f"it ends within an element of {size} bytes")
        yield kind, content[start : start + size]
        at = max(start + size, end)
        if kind != COMPRESSED:
            at += -at % 8  # all others are padded
