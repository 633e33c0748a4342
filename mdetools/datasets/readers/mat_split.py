"""The split of NYU Depth V2, `splits.mat`: a reader of the few things of MATLAB's format (level 5) that are in it."""

import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mdetools.errors import UserError, one_line
from mdetools.reading import check_size, read_bytes, size_limit

__all__ = ["read_mat_split"]

HEADER, BYTE_ORDER = 128, slice(126, 128)  # bytes
ORDERS = {b"IM": "<", b"MI": ">"}
# What a tag says of the data behind it, and a matrix's class of its elements; 6 to 15 are the classes of plain numbers.
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
MATRIX, COMPRESSED, PLAIN, COMPLEX = 14, 15, range(6, 16), 0x0800
MOST_NUMBER = 1_000_000  # of an image
SAVE_AGAIN = "copy it again, or save it with MATLAB's `-v7`"


def read_mat_split(path: Path, key: str) -> list[int]:
    """The 1-based image numbers that `splits.mat` holds under `key`.

    Raises:
        UserError: if the file cannot be read or lacks the key.
    """
    content = read_bytes(path, "a .mat file with trainNdxs and testNdxs")
    order = ORDERS.get(content[BYTE_ORDER])
    if order is None:
        raise UserError(f"{path}: not a readable .mat file (no header of level 5); {SAVE_AGAIN}")
    try:
        numbers = dict(matrices(content[HEADER:], order, path)).get(key)
    except (struct.error, zlib.error, ValueError, OverflowError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path}: not a readable .mat file ({one_line(error, 100)}); {SAVE_AGAIN}") from error
    if numbers is None:
        raise UserError(f"{path}: no '{key}' in the file, expected trainNdxs and testNdxs; copy it again")
    whole = numbers.size and (numbers >= 1).all() and (numbers <= MOST_NUMBER).all() and (numbers % 1 == 0).all()
    if not whole:
        raise UserError(
            f"{path}: '{key}' is {numbers.dtype} {numbers[:3]}..., expected image numbers from 1; copy it again"
        )
    return [int(number) for number in numbers]


def matrices(content: bytes, order: str, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The names and values of the matrices of a file; those that hold something else than real numbers are empty.

    Raises:
        ValueError, struct.error, zlib.error: if it is damaged.
        UserError: if more is packed in it than the size limit.
    """
    for outer, data in elements(content, order):
        inner = elements(unpack(data, path), order) if outer == COMPRESSED else [(outer, data)]
        for kind, matrix in inner:
            if kind == MATRIX:
                yield read_matrix(matrix, order)


def unpack(data: bytes, path: Path) -> bytes:
    """What a compressed element holds."""
    stream = zlib.decompressobj()
    unpacked = stream.decompress(data, int(min(size_limit(), sys.maxsize)))
    if stream.unconsumed_tail:
        check_size(len(unpacked) + 1, path)
    return unpacked


def read_matrix(data: bytes, order: str) -> tuple[str, np.ndarray]:
    """The name and the values of one matrix: its elements are flags, dimensions, name and values."""
    parts = list(elements(data, order))
    if len(parts) < 4:
        raise ValueError("a matrix without values")
    flags = struct.unpack(f"{order}I", parts[0][1][:4])[0]
    (kind, values), name = parts[3], parts[2][1].decode("ascii")
    if flags & 0xFF not in PLAIN or flags & COMPLEX or kind not in NUMBERS:
        return name, np.empty(0)
    return name, np.frombuffer(values, f"{order}{NUMBERS[kind]}").astype(np.float64)


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
