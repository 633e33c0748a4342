"""A straight line that a few wild points do not bend, in float64."""

import numpy as np

__all__ = ["robust_line"]

HUBER = 1.345  # deviations; on normal errors 95 % as exact as least squares
DEVIATION = 1.4826  # of a normal distribution, in median absolute errors
ROUNDS, ENOUGH = 100, 1e-9
NEAREST = 1e-3  # smallest ratio of the line to the truth of which a logarithm is taken


def robust_line(x: np.ndarray, y: np.ndarray, weights: np.ndarray, logarithmic: bool = False) -> tuple[float, float]:
    """The slope and intercept that minimise the weighted sum of Huber's function of the errors.

    Iteratively reweighted least squares: an error beyond 1.345 deviations, which are estimated by the weighted median
    of the absolute errors, counts in proportion to its size, not to its square. Each round is solved in closed form,
    around the means, beginning with plain least squares (of relative errors if they are logarithmic).

    >>> slope, intercept = robust_line(np.arange(6.0), np.array([1.0, 3.0, 900.0, 7.0, 9.0, 11.0]), np.ones(6))
    >>> round(slope, 4), round(intercept, 4)
    (2.0, 1.0)

    Args:
        x: (N,), not constant.
        y: (N,), above 0 if `logarithmic`.
        weights: (N,), above 0.
        logarithmic: whether an error is log(line / y), not line - y.
    """
    x, y, weights = (np.asarray(part, np.float64) for part in (x, y, weights))
    found = least_squares_line(x, y, weights / y**2 if logarithmic else weights)
    for _ in range(ROUNDS):
        line = found[0] * x + found[1]
        errors, slopes = logarithmic_errors(line, y) if logarithmic else (line - y, 1.0)
        errors = np.abs(errors)
        bound = HUBER * DEVIATION * weighted_median(errors, weights)
        if bound == 0:  # half of the points lie on the line
            break
        before, found = found, least_squares_line(x, y, weights * slopes * np.minimum(1, bound / errors.clip(bound)))
        if np.allclose(found, before, rtol=ENOUGH, atol=0):
            break
    return found


def logarithmic_errors(line: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log(line / y), and the factors by which least squares of line - y, once settled, is that of these errors.

    The derivative of the squared logarithm is 2 log(line / y) / line, and that of the square is 2 (line - y).
    """
    ratio = np.maximum(line / y, NEAREST)
    errors, off = np.log(ratio), ratio - 1
    near = np.abs(off) < 1e-6
    return errors, np.where(near, 1, errors / np.where(near, 1, off)) / (ratio * y**2)


def least_squares_line(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of weighted least squares."""
    total = weights.sum()
    mean, centre = (weights @ x) / total, (weights @ y) / total
    off = x - mean
    slope = (weights * off) @ (y - centre) / ((weights * off) @ off)
    return float(slope), float(centre - slope * mean)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The smallest value at or below which half of the weight lies."""
    order = values.argsort()
    sums = weights[order].cumsum()
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
