"""Cameras in the small text files that published data sets have."""

from pathlib import Path

import numpy as np

from mdetools.errors import UserError, one_line
from mdetools.reading import read_lines

__all__ = ["read_matrix"]

SHAPES = {9: (3, 3), 16: (4, 4)}


def read_matrix(path: Path, after: str | None = None) -> np.ndarray:
    """The camera matrix (3, 3) float64 in a text file of numbers.

    Args:
        path: of the file. It has 9 numbers, or 16, of which the upper left 3x3 is taken.
        after: a line's only word, behind which the matrix of 9 numbers begins; None is the whole file.

    Raises:
        UserError: if the file cannot be read, or holds something else.
    """
    lines = read_lines(path, "a camera matrix")
    words = " ".join(lines).split()
    if after is not None:
        words = words[words.index(after) + 1 :][:9] if after in words else []
    try:
        numbers = np.array([float(word) for word in words])
        matrix = numbers.reshape(SHAPES[len(numbers)])
    except (ValueError, KeyError) as error:
        found = one_line(" ".join(words) or "nothing", 100)
        raise UserError(
            f"{path}: found '{found}', expected the 9 numbers of a camera matrix{f' after {after}' if after else ''}; "
            "copy the file again"
        ) from error
    return matrix[:3, :3]
