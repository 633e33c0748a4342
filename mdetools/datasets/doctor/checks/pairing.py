"""Depth that belongs to another frame's image."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.orientation import ALIKE, best_view, comparable, upright_agreement
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

FEWEST = 6  # frames
LEAD = 2.0  # how many times its own the correlation with the better image is
SHARE = 0.6  # of the frames that must fit another image better
DIFFERENT = 0.6  # of these images that must differ from each other: one that fits everything is no partner
NOTHING, FEWEST_UNRELATED = 0.04, 8  # correlation at any offset that is none, over so many frames; sound data has 0.15


def check(split: Split) -> list[Finding]:
    """A line if for most frames the image of another one fits the depth's edges better, or none fits at all."""
    records = split.having("image_edges")
    if len(records) < FEWEST or best_view(split) is not None:
        return []
    return mispaired(records) or unrelated(comparable(split))


def mispaired(records: list[dict]) -> list[Finding]:
    """A line if for most frames the image of another one fits the depth's edges clearly better than its own."""
    scores = edge_correlations(records)
    own, best, partner = np.diag(scores), scores.max(1), scores.argmax(1)
    wrong = (best > ALIKE) & (best > LEAD * own)
    if wrong.mean() < SHARE or len(set(partner[wrong])) < DIFFERENT * wrong.sum():
        return []
    worst = [int(i) for i in np.argsort(own - best)]
    offsets, counts = np.unique(partner[wrong] - np.flatnonzero(wrong), return_counts=True)
    common = f", most of them {offsets[counts.argmax()]:+d} places on" if counts.max() > wrong.sum() / 2 else ""
    line = (
        f"{wrong.mean():.0%} of {len(records)} depth maps fit the image of another frame better than their own{common} "
        f"(that of {records[worst[0]]['id']} fits the image of {records[partner[worst[0]]]['id']}); "
        "pair the files again"
    )
    return [Finding("mispaired", "error", line, [records[i]["id"] for i in worst if wrong[i]])]


def unrelated(records: list[dict]) -> list[Finding]:
    """A line if the edges of depth and image have nothing in common, at whatever offset."""
    upright = upright_agreement(records)
    anywhere = np.mean([record["agreement"] for record in records], axis=0, dtype=np.float32).max()
    if len(records) < FEWEST_UNRELATED or upright.mean() > NOTHING or anywhere > ALIKE:
        return []
    line = (
        f"the edges of depth and image have nothing in common (correlation {upright.mean():.2f}, expected 0.15 or "
        "more); see whether the depth belongs to these images"
    )
    return [Finding("unrelated", "warning", line, ids(records[i] for i in np.argsort(upright)))]


def edge_correlations(records: list[dict]) -> np.ndarray:
    """Correlation (N, N) of the depth's edges of each frame (rows) with the image's edges of each, where known."""
    depth, known, image = (
        np.stack([record[key].ravel() for record in records]).astype(np.float32)
        for key in ("depth_edges", "depth_known", "image_edges")
    )
    count = known.sum(1, keepdims=True).clip(1)
    centred = (depth - (depth * known).sum(1, keepdims=True) / count) * known
    spread = np.sqrt((centred**2).sum(1, keepdims=True))
    variation = np.sqrt((known @ (image**2).T - (known @ image.T) ** 2 / count).clip(1e-6))
    return centred @ image.T / (spread * variation + 1e-6)
