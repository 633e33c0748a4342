"""Depth that lies beside its image, or has another field of view."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.measures.registration import ZOOMS
from mdetools.datasets.doctor.orientation import ALIKE, best_view, comparable, is_ahead, upright_agreement
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]

TOLERANCE = 0.0125  # of the width; what a depth camera's own registration leaves
CERTAIN = 1.8  # standard errors by which it is ahead of no offset
SHARP = 5.0  # standard deviations above all offsets; where there is nothing to see, the best is 3 above


def check(split: Split) -> list[Finding]:
    """A line if over all frames the edges of both agree best at an offset, or with the image enlarged or shrunk."""
    records = comparable(split)
    if not records or best_view(split) is not None:
        return []
    upright, width = upright_agreement(records), records[0]["working_width"]
    surfaces = {1.0: np.stack([record["agreement"] for record in records]).astype(np.float32)}
    surfaces |= {factor: np.float32([record["zoomed"][at] for record in records]) for at, factor in enumerate(ZOOMS)}
    factor = max(surfaces, key=lambda zoom: surfaces[zoom].mean(0).max())
    mean = surfaces[factor].mean(0)
    row, column = np.unravel_index(mean.argmax(), mean.shape)
    offset = np.array([row, column]) - np.array(mean.shape) // 2
    lead = surfaces[factor][:, row, column] - upright
    near = factor == 1 and np.hypot(*offset) <= max(1.5, TOLERANCE * width)
    if near or mean.max() < ALIKE or sharpness(mean) < SHARP or not is_ahead(lead, CERTAIN):
        return []
    line = (
        f"the depth is not registered to the image: their edges agree best (by {mean.max():.2f}, and by "
        f"{upright.mean():.2f} as they are) if the depth is {change(factor, *offset / width)}; register the depth to "
        "the colour camera"
    )
    return [Finding("unregistered", "warning", line, [records[i]["id"] for i in np.argsort(-lead)])]


def change(zoom: float, down: float, right: float) -> str:
    """What is to be done to the depth where the image enlarged by `zoom` and moved by so much of the width fits."""
    enlarged = "" if zoom == 1 else f"enlarged about {1 / zoom:.2f} times and "
    return f"{enlarged}moved by {right:+.1%} of the width to the right and {down:+.1%} downwards"


def sharpness(agreement: np.ndarray) -> float:
    """How many standard deviations the largest value stands above all, by medians, which it does not move."""
    middle = np.median(agreement)
    return float((agreement.max() - middle) / (1.4826 * np.median(np.abs(agreement - middle)) + 1e-6))
