"""The numbers of a depth map, wherever in it they stand."""

import numpy as np

from mdetools.datasets.doctor.frame import Frame

__all__ = ["HISTOGRAM_EDGES", "depth_values", "steps"]

MOST_VALUES = 20_000  # that are sorted; of more a regular part is taken
HISTOGRAM_EDGES = np.geomspace(1e-4, 1e6, 161)  # metres
FEW = 300  # different values; 8 bits hold 255


def depth_values(frame: Frame) -> dict:
    """The depth's share, extent, histogram and steps.

    Returns:
        `valid_share`; and if a pixel is valid, in metres `min`, `median`, `max`, `low` and `high` (the 1st and 99th
        percentile); `trend`, see there, None if there are too few rows; `histogram`: the share of the values in each
        bin of `HISTOGRAM_EDGES`; and what `steps`, `top` and `commonest` say.
    """
    if frame.depth is None:
        return {}
    values = frame.depth[frame.valid]
    found = {"valid_share": float(frame.valid.mean()), "valid_count": int(values.size)}
    if not values.size:
        return found
    some = np.sort(values[:: -(-values.size // MOST_VALUES)])
    low, median, high = np.percentile(some, (1, 50, 99))
    counts = np.diff(np.searchsorted(some, HISTOGRAM_EDGES))
    return found | {
        "min": float(values.min()),
        "median": float(median),
        "max": float(values.max()),
        "low": float(low),
        "high": float(high),
        "trend": trend(frame.depth, frame.valid),
        **commonest(some),
        "histogram": (counts / some.size).astype(np.float16),
        **steps(some),
        **top(some),
    }


def trend(depth: np.ndarray, valid: np.ndarray) -> float | None:
    """The median of the lower third of the rows of a map (H, W) that have values divided by that of the upper third."""
    rows = np.flatnonzero(valid.any(1))
    first, last = rows[0], rows[-1] + 1
    third = (last - first) // 3
    upper, lower = slice(first, first + third), slice(last - third, last)
    above, below = depth[upper][valid[upper]], depth[lower][valid[lower]]
    return float(np.median(below) / np.median(above)) if above.size and below.size else None


def steps(ordered: np.ndarray) -> dict:
    """How finely the values are told apart.

    Args:
        ordered: (N,), ascending.

    Returns:
        `distinct`: number of different values; `step`: their smallest difference, metres; `even_levels`: how many
        such steps the values span if they are whole multiples of it, as those of an integer type are; None if not.
    """
    gaps = np.diff(ordered)
    gaps = gaps[gaps > 1e-5 * ordered[-1:]]  # what is closer is the rounding of one value
    found = {"distinct": len(gaps) + 1, "step": None, "even_levels": None}
    if not 0 < len(gaps) < FEW:
        return found
    step = float(np.percentile(gaps, 1, method="lower"))
    uneven = np.abs(gaps / step - np.rint(gaps / step))
    even = (uneven < 0.05).mean() > 0.95
    return found | {"step": step, "even_levels": round(float(ordered[-1] - ordered[0]) / step) if even else None}


def commonest(ordered: np.ndarray) -> dict:
    """`common_value`: of the values (N,), ascending, the one that occurs most often; `common_share`: how often.

    `common_lead`: how many times as often as the next one.
    """
    starts = np.flatnonzero(np.diff(ordered, prepend=-1.0))
    lengths = np.diff(starts, append=ordered.size)
    longest = int(lengths.argmax())
    following = int(np.delete(lengths, longest).max()) if lengths.size > 1 else 1
    return {
        "common_value": float(ordered[starts[longest]]),
        "common_share": float(lengths[longest] / ordered.size),
        "common_lead": float(lengths[longest] / following),
    }


def top(ordered: np.ndarray) -> dict:
    """`top_share`: the share of the values (N,), ascending, that are the largest one; `below_top`: the next one."""
    below = np.searchsorted(ordered, ordered[-1])
    return {
        "top_share": float(1 - below / ordered.size),
        "below_top": float(ordered[below - 1]) if below else None,
    }
