"""Depth that lies beside its image."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.orientation import ALIKE, best_view, comparable, is_ahead, upright_agreement
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]

TOLERANCE = 0.015  # of the width; what a depth camera's own registration leaves
CERTAIN = 1.8  # standard errors by which it is ahead of no offset
SHARP = 5.0  # standard deviations above all offsets; where there is nothing to see, the best is 3 above


def check(split: Split) -> list[Finding]:
    """A line if over all frames the edges of both agree best at an offset."""
    records = comparable(split)
    if not records or best_view(split) is not None:
        return []
    agreements = np.stack([record["agreement"].astype(np.float32) for record in records])
    mean = agreements.mean(0)
    row, column = np.unravel_index(mean.argmax(), mean.shape)
    middle = np.array(mean.shape) // 2
    offset = np.array([row, column]) - middle
    width = records[0]["working_width"]
    upright = upright_agreement(records)
    lead = agreements[:, row, column] - upright
    near = np.hypot(*offset) <= max(2.0, TOLERANCE * width)
    if near or mean.max() < ALIKE or sharpness(mean) < SHARP or not is_ahead(lead, CERTAIN):
        return []
    down, right = -offset / width
    line = (
        f"the depth is not registered to the image: their edges agree best (by {mean.max():.2f}, and by "
        f"{upright.mean():.2f} as they are) if the depth is moved by {-right:+.1%} of the width to the right and "
        f"{-down:+.1%} downwards; register the depth to the colour camera"
    )
    return [Finding("unregistered", "warning", line, [records[i]["id"] for i in np.argsort(-lead)])]


def sharpness(agreement: np.ndarray) -> float:
    """How many standard deviations the largest value stands above all, by medians, which it does not move."""
    middle = np.median(agreement)
    return float((agreement.max() - middle) / (1.4826 * np.median(np.abs(agreement - middle)) + 1e-6))
