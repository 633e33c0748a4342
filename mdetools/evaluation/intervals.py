"""How far a mean over images would move with other images of the same kind."""

import numpy as np

__all__ = ["bootstrap_interval"]

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
