"""The interval of a mean, against scipy's bootstrap and against how often it holds the truth."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from mdetools.evaluation import bootstrap_interval


@pytest.mark.parametrize(("count", "confidence"), [(8, 0.95), (20, 0.9), (654, 0.95), (200, 0.5)])
def test_it_is_scipys_percentile_interval_of_the_mean(count, confidence):
    values = np.random.default_rng(count).gamma(2.0, 0.1, (count, 3))
    low, high = bootstrap_interval(values, confidence)
    for column in range(3):
        expected = bootstrap(
            (values[:, column],),
            np.mean,
            confidence_level=confidence,
            method="percentile",
            n_resamples=20_000,
            random_state=1,
        ).confidence_interval
        found = low[column], high[column]
        np.testing.assert_allclose(found, expected, atol=0.15 * values[:, column].std() / np.sqrt(count), rtol=0)


def test_it_holds_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        low, high = bootstrap_interval(rng.normal(3, 1, 60), seed=seed)
        held += low <= 3 <= high
    assert 180 <= held <= 198


def test_it_is_the_same_each_time_and_moves_with_the_values():
    values = np.random.default_rng(0).random(30)
    ends = np.array(bootstrap_interval(values))
    np.testing.assert_array_equal(ends, bootstrap_interval(values))
    np.testing.assert_allclose(bootstrap_interval(10 * values + 1), 10 * ends + 1, rtol=1e-12)
    np.testing.assert_allclose(bootstrap_interval(np.full(5, 0.3)), (0.3, 0.3))


@pytest.mark.parametrize("shape", [(1,), (0, 2), (1, 2)])
def test_one_image_has_none(shape):
    low, high = bootstrap_interval(np.ones(shape))
    assert low.shape == high.shape == shape[1:] and np.isnan(low).all() and np.isnan(high).all()
