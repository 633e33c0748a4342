"""Hypersim's tables."""

import csv
from collections.abc import Sequence
from pathlib import Path

from mdetools.errors import UserError, one_line
from mdetools.reading import read_lines

__all__ = ["read_table"]


def read_table(path: Path, columns: Sequence[str], cure: str) -> list[list[str]]:
    """The named columns of a .csv file, row by row.

    Args:
        path: of the file.
        columns: names that must stand in its first row.
        cure: the end of the error's line.

    Raises:
        UserError: if it cannot be read, or lacks a column.
    """
    lines = read_lines(path, f"a table with {', '.join(columns[:2])}, ...")
    try:
        header, *rows = [*csv.reader(lines)] or [[]]
    except csv.Error as error:
        raise UserError(f"{path}: not a readable table ({one_line(error, 100)}); {cure}") from error
    missing = [name for name in columns if name not in header]
    if missing:
        raise UserError(
            f"{path}: has no column {missing[0]} (found {one_line(', '.join(header) or 'nothing', 200)}); {cure}"
        )
    places = [header.index(name) for name in columns]
    return [[row[place] for place in places] for row in rows if len(row) > max(places)]
