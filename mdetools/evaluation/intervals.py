"""How far a mean over images would move with other images of the same kind."""

from typing import NamedTuple

import numpy as np

__all__ = ["PairedDifference", "bootstrap_interval", "paired_differences"]

RESAMPLES, AT_ONCE = 5000, 100


def bootstrap_interval(values: np.ndarray, confidence: float = 0.95, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The percentile bootstrap interval of means (Efron and Tibshirani, 1993, chapter 13).

    It takes images for independent draws. Those of a video are not, and of them it is too narrow.

    Args:
        values: (N, ...), a row per image.
        confidence: share of the resampled means in the interval, 0..1.
        seed: of the 5000 resamples.

    Returns:
        Its lower and upper ends, both (...); NaN if there are fewer than two images.
    """
    values = np.asarray(values, dtype=np.float64)
    count = len(values)
    if count < 2:
        return np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    rng = np.random.default_rng(seed)
    rows = values.reshape(count, -1)
    means = []
    first = count * np.arange(AT_ONCE)[:, None]
    for _ in range(RESAMPLES // AT_ONCE):  # memory does not grow with the number of resamples
        drawn = rng.integers(count, size=(AT_ONCE, count))
        times = np.bincount((drawn + first).ravel(), minlength=AT_ONCE * count).reshape(AT_ONCE, count)
        means.append(times @ rows / count)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(np.concatenate(means), [tail, 100 - tail], axis=0)
    return low.reshape(values.shape[1:]), high.reshape(values.shape[1:])


class PairedDifference(NamedTuple):
    """How far two things measured on the same images are apart.

    Attributes:
        mean: over the images, of the first value less the second; NaN without any.
        low: the lower end of its 95 % bootstrap interval; NaN of fewer than two images.
        high: the upper end.
        count: of the images on which both are defined.
    """

    mean: float
    low: float
    high: float
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Whether other images of the same kind would show the same sign."""
        return self.low > 0 or self.high < 0


def paired_differences(
    first: np.ndarray, second: np.ndarray, present: np.ndarray, confidence: float = 0.95
) -> list[PairedDifference]:
    """The mean differences of two measurements of the same images, with bootstrap intervals over the images.

    What makes an image hard for both cancels out, so that they are far narrower than the intervals of the two means.

    >>> first, second = np.array([[0.2], [0.4], [0.0]]), np.array([[0.1], [0.3], [0.2]])
    >>> paired_differences(first, second, present=np.array([[True], [True], [False]]))[0].count
    2

    Args:
        first: (N, C), a row per image and a column per measure.
        second: (N, C), likewise, of the same images in the same order.
        present: bool (N, C), which values both have. A NaN among these, of a broken prediction, is not passed over.
        confidence: share of the resampled means in the interval, 0..1.

    Returns:
        One for each column.
    """
    found: dict[int, PairedDifference] = {}
    # Columns that the same images have are resampled together.
    for pattern in np.unique(present, axis=1).T:
        columns = np.flatnonzero((present == pattern[:, None]).all(0))
        values = (
            np.asarray(first, np.float64)[pattern][:, columns] - np.asarray(second, np.float64)[pattern][:, columns]
        )
        if not len(values):
            found |= dict.fromkeys(columns.tolist(), PairedDifference(np.nan, np.nan, np.nan, 0))
            continue
        ends = (values.mean(0), *bootstrap_interval(values, confidence))
        for column, *numbers in zip(columns.tolist(), *(end.tolist() for end in ends), strict=True):
            found[column] = PairedDifference(*numbers, len(values))
    return [found[column] for column in range(present.shape[1])]
