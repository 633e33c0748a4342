"""Which way round the depth lies on the image, from the edges of both."""

import math
from collections import Counter

import numpy as np

from mdetools.datasets.doctor.measures.registration import best_near_none
from mdetools.datasets.doctor.split import Split

__all__ = ["ALIKE", "best_view", "comparable", "is_ahead", "upright_agreement"]

VIEWS = ("mirrored", "flipped", "turned", "rotated_left", "rotated_right", "transposed")
LEAD, LEAD_OF_ONE = 0.05, 0.2  # of a correlation: over many frames, and with a single one
CERTAIN = 2.5  # standard errors
NOISE = 0.04  # of a frame's correlation, at least
ALIKE = 0.1  # a correlation that says that two things belong together
SHARE = 0.7  # of the frames that must say the same


def comparable(split: Split) -> list[dict]:
    """Frames whose edges were compared at the most frequent size."""
    known = split.having("agreement")
    if not known:
        return []
    shape = Counter(record["agreement"].shape for record in known).most_common(1)[0][0]
    return [record for record in known if record["agreement"].shape == shape]


def upright_agreement(records: list[dict]) -> np.ndarray:
    """Per frame the correlation of edges near no offset, with the image as it is."""
    return np.array([best_near_none(record["agreement"]) for record in records])


def is_ahead(lead: np.ndarray, certain: float = CERTAIN) -> bool:
    """Whether frames agree that one way of laying depth on the image is better than another.

    Args:
        lead: (N,), by how much the correlation is larger, per frame.
        certain: standard errors of the mean that it must be above 0.
    """
    count, mean = len(lead), lead.mean()
    error = math.hypot(lead.std(), NOISE) / math.sqrt(count)
    return bool(mean > max(LEAD, LEAD_OF_ONE / math.sqrt(count), certain * error) and (lead > 0).mean() >= SHARE)


def best_view(split: Split) -> str | None:
    """The one of `VIEWS` of the image that the depth fits better; None if it fits best as it is."""
    records = comparable(split)
    if not records:
        return None
    upright = upright_agreement(records)
    views = {name: np.array([record[name] for record in records], float) for name in VIEWS if name in records[0]}
    name = max(views, key=lambda view: views[view].mean())
    return name if views[name].mean() > ALIKE and is_ahead(views[name] - upright) else None
