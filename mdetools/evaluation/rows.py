"""One row per image, of any columns, and what becomes of them: means, a table, a file."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mdetools.errors import UserError
from mdetools.evaluation.intervals import bootstrap_interval
from mdetools.evaluation.measures import ABSENT
from mdetools.files import write_text

__all__ = ["Rows", "format_means", "format_table", "write_results"]


@dataclass(frozen=True)
class Rows:
    """What was measured on each image.

    >>> rows = Rows(["a", "b"], ("abs_rel",), np.array([[0.1], [0.3]]), np.array([9, 9]))
    >>> rows.mean()
    {'abs_rel': 0.2}

    Attributes:
        ids: N names, not necessarily different.
        columns: names of the C measures.
        values: float64 (N, C).
        counts: (N,), how many things, such as pixels, an image's values are of; with 0 they mean nothing.
        counted: what these things are called.
        present: bool (N, C), which values an image has: one without pixels in a range of depths has no error there,
            and is left out of that column. None: all that `counts` counts. What a prediction made NaN is present.
    """

    ids: Sequence[str]
    columns: Sequence[str]
    values: np.ndarray
    counts: np.ndarray
    counted: str = "valid_pixels"
    present: np.ndarray | None = None

    @classmethod
    def of_table(cls, ids: Sequence[str], columns: Sequence[str], table: Sequence[Sequence[float]]) -> "Rows":
        """Rows of which each holds the values of the columns, then the count; `ABSENT` ones become NaN, not present."""
        table = np.array(table, dtype=np.float64).reshape(len(ids), len(columns) + 1)
        values, counts = table[:, :-1], table[:, -1]
        absent = values == ABSENT
        if not absent.any():
            return cls(ids, columns, values, counts)
        return cls(ids, columns, np.where(absent, np.nan, values), counts, present=~absent)

    @property
    def empty(self) -> list[str]:
        """Names of the images with a count of 0."""
        return [name for name, count in zip(self.ids, self.counts, strict=True) if count == 0]

    def mean(self) -> dict[str, float]:
        """Mean of each column over the images with a count above 0 that have a value in it; NaN if none has.

        Raises:
            UserError: if there is no image with a count above 0.
        """
        kept = self.values[self.counts > 0]
        if not len(kept):
            raise UserError(f"none of {len(self.ids)} images has anything in '{self.counted}'; check the ground truth")
        means = dict(zip(self.columns, kept.mean(0).tolist(), strict=True))
        return means | {name: float(own.mean()) if len(own) else math.nan for name, own in self.incomplete().items()}

    def interval(self) -> dict[str, tuple[float, float]]:
        """The 95 % bootstrap interval of each column's `mean`; NaN of fewer than two images."""
        low, high = bootstrap_interval(self.values[self.counts > 0])
        ends = dict(zip(self.columns, zip(low.tolist(), high.tolist(), strict=True), strict=True))
        return ends | {name: tuple(map(float, bootstrap_interval(own))) for name, own in self.incomplete().items()}

    def incomplete(self) -> dict[str, np.ndarray]:
        """The values of each column in which an image with a count above 0 has none: those that there are."""
        if self.present is None:
            return {}
        kept = self.counts > 0
        partial = np.flatnonzero(~self.present[kept].all(0))
        return {self.columns[column]: self.values[kept & self.present[:, column], column] for column in partial}

    def records(self) -> list[dict]:
        """A dict per image for files: its id, its count, and its values, None where one is undefined."""
        records = []
        for name, count, values in zip(self.ids, self.counts.tolist(), self.values.tolist(), strict=True):
            shown = [finite(value) if count else None for value in values]
            records.append({"id": name, self.counted: int(count), **dict(zip(self.columns, shown, strict=True))})
        return records


def finite(value: float) -> float | None:
    """The value, or None for one that JSON does not know."""
    return value if math.isfinite(value) else None


def format_table(rows: Sequence[Mapping[str, str | float]]) -> str:
    """Plain text table: a line per row, a right-aligned column per key of the first row; numbers to four digits.

    >>> print(format_table([{"model": "mine", "d1": 0.5}]))
    model      d1
    -------------
    mine   0.5000

    Args:
        rows: each holds the keys of the first one; text (a model's name, say) stands to the left.
    """
    names = list(rows[0])
    cells = [names] + [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    text = [isinstance(rows[0][name], str) for name in names]
    lines = [
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, text, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def format_means(rows: Rows) -> str:
    """A table of the means and the ends of their 95 % intervals."""
    ends = rows.interval()
    low, high = ({column: interval[index] for column, interval in ends.items()} for index in (0, 1))
    return format_table([{"": "mean", **rows.mean()}, {"": "95 % from", **low}, {"": "to", **high}])


def write_results(path: str | Path, rows: Rows, mean: Mapping[str, float], facts: Mapping[str, object]) -> None:
    """Writes an evaluation, whole or not at all.

    Args:
        path: its folder is made. A name that ends in .csv gets the rows alone, any other one JSON: the facts, the
            means, and a row per image, `null` where a measure is undefined.
        rows: what was measured.
        mean: of the rows.
        facts: what the numbers were computed under, such as the protocol and the kind of ground truth.

    Raises:
        UserError: if the file cannot be written.
    """
    records = rows.records()
    if Path(path).suffix == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, ["id", rows.counted, *rows.columns])
        writer.writeheader()
        writer.writerows(records)
        write_text(path, text.getvalue())
        return
    content = {
        **facts,
        "num_images": len(records),
        "num_skipped": len(rows.empty),
        "mean": {key: finite(value) for key, value in mean.items()},
        "per_image": records,
    }
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4f}"
