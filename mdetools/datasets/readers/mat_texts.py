"""Lists of texts in MATLAB's files (level 5): cells of character arrays, such as the split of SUN RGB-D."""

import struct
import zlib
from pathlib import Path

from mdetools.datasets.readers.mat_split import BYTE_ORDER as ORDER_MARK
from mdetools.datasets.readers.mat_split import COMPRESSED, HEADER, MATRIX, ORDERS, SAVE_AGAIN, elements, unpack
from mdetools.errors import UserError, one_line
from mdetools.reading import read_bytes

__all__ = ["read_mat_texts"]

CELL, CHARACTERS = 1, 4  # classes of a matrix's elements
ENCODINGS = {1: "utf-8", 2: "utf-8", 4: "utf-16", 16: "utf-8", 17: "utf-16"}  # by what a tag says of the data


def read_mat_texts(path: Path, key: str) -> list[str]:
    """The texts of the cell array `key`.

    Raises:
        UserError: if the file cannot be read, lacks the key, or has something else under it.
    """
    content = read_bytes(path, f"a .mat file with {key}")
    order = ORDERS.get(content[ORDER_MARK])
    if order is None:
        raise UserError(f"{path}: not a readable .mat file (no header of level 5); {SAVE_AGAIN}")
    try:
        for outer, data in elements(content[HEADER:], order):
            for kind, matrix in elements(unpack(data, path), order) if outer == COMPRESSED else [(outer, data)]:
                parts = list(elements(matrix, order)) if kind == MATRIX else []
                if len(parts) > 2 and parts[2][1] == key.encode():
                    return [read_text(cell, order) for cell in cells(parts, order)]
    except (struct.error, zlib.error, ValueError, OverflowError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path}: not a readable .mat file ({one_line(error, 100)}); {SAVE_AGAIN}") from error
    raise UserError(f"{path}: no '{key}' in the file; copy it again")


def cells(parts: list[tuple[int, bytes]], order: str) -> list[bytes]:
    """The matrices in the cells of one matrix, whose parts are flags, dimensions, name and cells."""
    if matrix_class(parts, order) != CELL:
        raise ValueError("an array of numbers, expected a cell array of texts")
    return [data for kind, data in parts[3:] if kind == MATRIX]


def read_text(matrix: bytes, order: str) -> str:
    """The text of a character array, or of the only cell of a cell array."""
    parts = list(elements(matrix, order))
    if len(parts) == 4 and matrix_class(parts, order) == CELL:
        return read_text(parts[3][1], order)
    if len(parts) < 4 or matrix_class(parts, order) != CHARACTERS or parts[3][0] not in ENCODINGS:
        raise ValueError("a cell that holds no text")
    kind, values = parts[3]
    encoding = ENCODINGS[kind]
    return values.decode(encoding if encoding == "utf-8" else f"{encoding}-{'le' if order == '<' else 'be'}")


def matrix_class(parts: list[tuple[int, bytes]], order: str) -> int:
    """The class of a matrix's elements, from its flags."""
    return struct.unpack(f"{order}I", parts[0][1][:4])[0] & 0xFF
