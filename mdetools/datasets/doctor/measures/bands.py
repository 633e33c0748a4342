"""Whether few values lie side by side, as on rounded slopes, or anywhere, as on boxes before a wall."""

import numpy as np

from mdetools.datasets.doctor.frame import Frame

__all__ = ["bands"]

MOST_VALUES = 64


def bands(frame: Frame) -> dict:
    """`band_share`: of neighbouring pixels with different values, how many have values with no other one between them.

    Nothing if the depth has many values, or one.
    """
    if frame.depth is None:
        return {}
    depth = frame.small_depth
    values = np.unique(depth[depth > 0])
    if not 1 < values.size <= MOST_VALUES:
        return {}
    ranks = np.where(depth > 0, np.searchsorted(values, depth), -values.size * 2)
    steps = np.abs(np.concatenate([np.diff(ranks, axis=0).ravel(), np.diff(ranks, axis=1).ravel()]))
    steps = steps[(steps > 0) & (steps < values.size)]
    return {"band_share": float((steps == 1).mean())} if steps.size else {}
