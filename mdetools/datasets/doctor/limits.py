"""The depths of a split against those that the config counts."""

import numpy as np

from mdetools.datasets.doctor.measures.depth_values import HISTOGRAM_EDGES
from mdetools.datasets.doctor.split import DepthLimits, Split

__all__ = ["histogram_of", "share_within", "value_at"]


def histogram_of(split: Split) -> np.ndarray | None:
    """The mean over the frames of the share of depths in each bin of `HISTOGRAM_EDGES`; None without depth."""
    histograms = [record["histogram"] for record in split.having("histogram")]
    return np.mean(histograms, axis=0, dtype=np.float64) if histograms else None


def share_within(split: Split, limits: DepthLimits, divisor: float = 1.0) -> float:
    """The share of the valid depths that, divided by `divisor`, lie within the limits; 1 without depth."""
    histogram = histogram_of(split)
    if histogram is None:
        return 1.0
    below = np.concatenate([[0], np.cumsum(histogram)])
    at = np.log([max(limits.low, 1e-9) * divisor, limits.high * divisor])
    low, high = np.interp(at, np.log(HISTOGRAM_EDGES), below)
    return float((high - low) / max(below[-1], 1e-9))


def value_at(split: Split, share: float) -> float | None:
    """The depth (metres) below which this share of the valid depths lies, to a bin's width; None without depth."""
    histogram = histogram_of(split)
    if histogram is None:
        return None
    below = np.concatenate([[0], np.cumsum(histogram)])
    return float(np.exp(np.interp(share * below[-1], below, np.log(HISTOGRAM_EDGES))))
