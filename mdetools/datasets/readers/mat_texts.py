"""Lists of texts in MATLAB's files of level 5: cells of character arrays, such as the split of SUN RGB-D."""

import struct
from pathlib import Path

from mdetools.datasets.readers.mat_level5 import MATRIX, elements, matrices, reading_level_5
from mdetools.errors import UserError
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
    with reading_level_5(content, path) as order:
        for matrix in matrices(content, order, path):
            parts = list(elements(matrix, order))
            if len(parts) > 2 and parts[2][1] == key.encode():
                return [read_text(cell, order) for cell in cells(parts, order)]
    raise UserError(f"{path}: no '{key}' in the file; copy it again")


def cells(parts: list[tuple[int, bytes]], order: str) -> list[bytes]:
    """The matrices in the cells of one matrix, whose parts are flags, dimensions, name and cells."""
    if matrix_class(parts, order) != CELL:
        raise ValueError("an array of numbers, expected a cell array of texts")
    return [data for kind, data in parts[3:] if kind == MATRIX]


def read_text(matrix: bytes, order: str) -> str:
    """The text of a character array."""
    parts = list(elements(matrix, order))
    if len(parts) < 4 or matrix_class(parts, order) != CHARACTERS or parts[3][0] not in ENCODINGS:
        raise ValueError("a cell that holds no text")
    kind, values = parts[3]
    encoding = ENCODINGS[kind]
    return values.decode(encoding if encoding == "utf-8" else f"{encoding}-{'le' if order == '<' else 'be'}")


def matrix_class(parts: list[tuple[int, bytes]], order: str) -> int:
    """The class of a matrix's elements, from its flags."""
    return struct.unpack(f"{order}I", parts[0][1][:4])[0] & 0xFF
