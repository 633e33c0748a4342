"""How far a mean over a few runs would move with other seeds: Student's t."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["SeedMean", "paired_t_test", "t_interval"]


class SeedMean(NamedTuple):
    """A mean over runs with different seeds, or of their differences.

    Attributes:
        mean: of the values.
        low: the lower end of its 95 % interval, mean - t s / sqrt(n), with the sample's standard deviation s and the
            quantile t of Student's distribution with n - 1 degrees of freedom.
        high: the upper end.
        count: number of values n.
        p_value: of the two-sided test that the mean is 0; NaN where all values are 0.
    """

    mean: float
    low: float
    high: float
    count: int
    p_value: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval is on one side of 0."""
        return self.low > 0 or self.high < 0


def t_interval(values: Sequence[float], confidence: float = 0.95) -> SeedMean:
    """The mean of a few independent values, its interval, and the test of Student (1908) that it is 0.

    >>> mean = t_interval([0.71, 0.74, 0.71])
    >>> f"{mean.mean:.3f} [{mean.low:.3f}, {mean.high:.3f}]"
    '0.720 [0.677, 0.763]'

    Args:
        values: two at least, finite.
        confidence: share of such intervals that hold the true mean, 0..1.

    Raises:
        ValueError: if there are fewer than two.
    """
    from scipy.special import stdtr, stdtrit

    sample = np.asarray(values, np.float64)
    count, freedom = len(sample), len(sample) - 1
    if count < 2:
        raise ValueError(f"an interval of {count} values, expected two at least")
    mean, error = float(sample.mean()), float(sample.std(ddof=1)) / math.sqrt(count)
    reach = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    statistic = abs(mean) / error if error else (math.inf if mean else math.nan)
    p_value = float(2 * stdtr(freedom, -statistic))
    return SeedMean(mean, mean - reach, mean + reach, count, p_value)


def paired_t_test(first: Sequence[float], second: Sequence[float], confidence: float = 0.95) -> SeedMean:
    """The mean of the differences of values that belong together, such as of runs with the same seed.

    >>> paired_t_test([0.9, 0.8, 0.9], [0.7, 0.7, 0.6]).excludes_zero
    False

    Args:
        first: of which the second ones are taken away.
        second: in the same order.
        confidence: share of such intervals that hold the true difference, 0..1.

    Raises:
        ValueError: if there are fewer than two pairs, or the two are of different length.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values, expected pairs")
    return t_interval(np.subtract(first, second, dtype=np.float64), confidence)
