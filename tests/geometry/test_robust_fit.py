"""Lines, against numpy's least squares and scipy's minimiser."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from mdetools.geometry import robust_line
from mdetools.geometry.robust_fit import HUBER, least_squares_line, logarithmic_errors, weighted_median


def points(count=400, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.5, 6, count)
    return x, 0.7 * x + 0.4, rng.uniform(0.1, 2, count), rng


def test_a_round_is_numpys_weighted_least_squares():
    x, y, weights, rng = points()
    y = y + rng.normal(0, 0.3, len(y))
    roots = np.sqrt(weights)
    expected = np.linalg.lstsq(np.stack([x, np.ones_like(x)], 1) * roots[:, None], y * roots, rcond=None)[0]
    np.testing.assert_allclose(least_squares_line(x, y, weights), expected, rtol=1e-12)


def test_it_stays_exact_where_the_normal_equations_cancel():
    x, y = 1e6 + np.linspace(0, 1, 50), np.linspace(3, 5, 50)
    np.testing.assert_allclose(least_squares_line(x, y, np.ones(50)), (2, 3 - 2e6), rtol=1e-8)


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("share", [0, 0.1, 0.2])
def test_points_on_a_line_give_it_however_wild_the_others_are(logarithmic, share):
    x, y, weights, rng = points()
    wild = rng.random(len(y)) < share
    found = robust_line(x, np.where(wild, 80.0, y), weights, logarithmic)
    np.testing.assert_allclose(found, (0.7, 0.4), rtol=1e-4 if share else 1e-9)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_noisy_points_give_the_minimum_of_hubers_function(logarithmic):
    """Scipy minimises the same sum by another method, with the deviation that was estimated at the solution."""
    x, y, weights, rng = points(2000)
    y = y * np.exp(rng.standard_t(3, len(y)) * 0.1)

    def errors(line):
        predicted = line[0] * x + line[1]
        return np.log(np.maximum(predicted, 1e-9) / y) if logarithmic else predicted - y

    found = robust_line(x, y, weights, logarithmic)
    bound = HUBER * 1.4826 * weighted_median(np.abs(errors(found)), weights)

    def cost(line):  # whose square is twice Huber's function
        off = np.abs(errors(line))
        return np.sqrt(weights * np.where(off <= bound, off**2, 2 * bound * off - bound**2))

    expected = least_squares(cost, (1.0, 0.1), xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert np.abs(np.subtract(found, least_squares_line(x, y, weights))).max() > 1e-3  # which is something else


def test_the_factors_make_a_least_squares_gradient_that_of_the_logarithms():
    y = np.linspace(0.5, 4, 8)
    line = y * np.array([0.2, 0.7, 0.99, 1 - 1e-9, 1, 1 + 1e-9, 1.3, 5])
    errors, factors = logarithmic_errors(line, y)
    np.testing.assert_allclose(errors, np.log(line / y), atol=1e-15)
    np.testing.assert_allclose(factors * (line - y), np.log(line / y) / line, rtol=1e-5, atol=1e-12)


def test_a_weighted_median():
    assert weighted_median(np.array([5.0, 1.0, 3.0]), np.array([1.0, 1.0, 1.0])) == 3.0
    assert weighted_median(np.array([5.0, 1.0, 3.0]), np.array([9.0, 1.0, 1.0])) == 5.0
