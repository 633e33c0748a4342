"""Depth that belongs to another frame's image."""

import numpy as np

from mdetools.datasets.doctor.checks.registration import check as unregistered
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.orientation import ALIKE, best_view, comparable, is_ahead, upright_agreement
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

FEWEST, FEWEST_SHUFFLED = 4, 6  # frames
LEAD = 2.0  # how many times its own the correlation with the better image is
OUTSTANDING = 2.0  # standard deviations of a map's correlation with all images
PLACES = (1, -1, 2, -2)
SHARE = 0.6  # of the frames that must fit another image better
DIFFERENT = 0.6  # of these images that must differ from each other: one that fits everything is no partner
NOTHING, FEWEST_UNRELATED = 0.045, 8  # correlation that is none, over so many frames; sound data has 0.14 and more
EDGES = 0.42  # share of the strongest tenth of the depth's bends; noise has a third or less, and no edges


def check(split: Split) -> list[Finding]:
    """A line if the depth's edges fit the images some places on, or of other frames, better, or none at all."""
    records = split.having("image_edges")
    if len(records) < FEWEST or best_view(split) is not None:
        return []
    scores = edge_correlations(records)
    return some_places_on(records, scores) or mispaired(records, scores) or unrelated(split)


def some_places_on(records: list[dict], scores: np.ndarray) -> list[Finding]:
    """A line if most depth maps fit the image so many places on, as when the two lists are of different lengths."""
    own = np.diag(scores)
    for places in PLACES:
        moved = np.diag(scores, places)
        lead = moved - (own[:-places] if places > 0 else own[-places:])
        if moved.mean() > ALIKE and is_ahead(lead):
            line = (
                f"the depth maps fit the images {places:+d} places on better than their own: their edges correlate by "
                f"{moved.mean():.2f} so, and by {own.mean():.2f} as they are; pair the files again"
            )
            first = max(0, -places)
            return [Finding("mispaired", "error", line, [records[first + i]["id"] for i in np.argsort(-lead)])]
    return []


def mispaired(records: list[dict], scores: np.ndarray) -> list[Finding]:
    """A line if for most frames the image of another one fits the depth's edges clearly better than its own."""
    if len(records) < FEWEST_SHUFFLED:
        return []
    own, best, partner = np.diag(scores), scores.max(1), scores.argmax(1)
    usual = np.median(scores, axis=1)
    spread = 1.4826 * np.median(np.abs(scores - usual[:, None]), axis=1)
    wrong = (best > ALIKE) & (best > LEAD * own) & (best > usual + OUTSTANDING * spread)
    if wrong.mean() < SHARE or len(set(partner[wrong])) < DIFFERENT * wrong.sum():
        return []
    worst = [int(i) for i in np.argsort(own - best)]
    line = (
        f"{wrong.mean():.0%} of {len(records)} depth maps fit the image of another frame better than their own (that "
        f"of {records[worst[0]]['id']} fits the image of {records[partner[worst[0]]]['id']}); pair the files again"
    )
    return [Finding("mispaired", "error", line, [records[i]["id"] for i in worst if wrong[i]])]


def unrelated(split: Split) -> list[Finding]:
    """A line if the edges of depth and image have nothing in common, at whatever offset."""
    records = comparable(split)
    upright = upright_agreement(records)
    anywhere = np.mean([record["agreement"] for record in records], axis=0, dtype=np.float32).max()
    if len(records) < FEWEST_UNRELATED or upright.mean() > NOTHING or anywhere > ALIKE:
        return []
    if np.median([record["edge_share"] for record in records]) < EDGES or unregistered(split):
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
