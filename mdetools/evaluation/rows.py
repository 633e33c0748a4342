"""From one row an image to the means, a table and a file."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mdetools.errors import UserError
from mdetools.evaluation.functional.depth_errors import METRIC_NAMES
from mdetools.evaluation.protocols import Protocol

__all__ = ["format_table", "mean_over_images", "write_results"]


def mean_over_images(rows: np.ndarray, protocol: Protocol) -> dict[str, float]:
    """Means over images of the per-image measures; images without a pixel that counts are left out.

    Args:
        rows: (N, len(METRIC_NAMES) + 1), as `evaluate_image` gives them.
        protocol: what they were computed under.

    Raises:
        UserError: if no image has a pixel that counts.
    """
    rows = np.asarray(rows, dtype=np.float64)
    counted = rows[rows[:, -1] > 0] if len(rows) else rows
    if not len(counted):
        raise UserError(
            f"none of {len(rows)} images has a valid pixel in {protocol.min_depth:g}..{protocol.max_depth:g} m under "
            f"protocol '{protocol.name}'; check the unit of the ground truth, its masks and the choice of protocol"
        )
    return dict(zip(METRIC_NAMES, counted[:, :-1].mean(0).tolist(), strict=True))


def format_table(rows: Sequence[Mapping[str, str | float]]) -> str:
    """Plain text table: one line a row, one right-aligned column a key of the first row; numbers to four digits.

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


def write_results(
    path: str | Path,
    protocol: Protocol,
    mean: Mapping[str, float],
    ids: Sequence[str],
    rows: np.ndarray,
    ground_truth: str | None = None,
) -> None:
    """Writes an evaluation as JSON: the protocol, the ground truth, the means, and a row an image.

    It has `null` where a measure is undefined, and for a ground truth without a name.

    The file appears whole or not at all.

    Args:
        path: its folder is made.
        protocol: what the numbers were computed under.
        mean: as `mean_over_images` gives it.
        ids: N names, not necessarily different.
        rows: (N, len(METRIC_NAMES) + 1), as `evaluate_image` gives them.
        ground_truth: which of several kinds the data was scored against, e.g. `velodyne`.
    """
    rows = np.asarray(rows, dtype=np.float64)
    per_image = []
    for name, (*measures, count) in zip(ids, rows.tolist(), strict=True):
        shown = [value if count and math.isfinite(value) else None for value in measures]
        per_image.append({"id": name, "valid_pixels": int(count), **dict(zip(METRIC_NAMES, shown, strict=True))})
    content = {
        "protocol": {**asdict(protocol), "description": protocol.describe()},
        "ground_truth": ground_truth,
        "num_images": len(per_image),
        "num_skipped": int((rows[:, -1] == 0).sum()),
        "mean": {key: value if math.isfinite(value) else None for key, value in mean.items()},
        "per_image": per_image,
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    partial.replace(path)


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4f}"
