"""The intervals of means and of paired differences, against scipy's bootstrap and how often they hold the truth."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from mdetools.evaluation import bootstrap_interval, paired_differences


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


def paired_difference(first, second, present=None):
    """Of one column."""
    present = np.ones(len(first), bool) if present is None else np.array(present)
    (found,) = paired_differences(first[:, None], second[:, None], present[:, None])
    return found


def test_a_paired_difference_is_scipys_bootstrap_over_the_images():
    rng = np.random.default_rng(2)
    hard = rng.gamma(2.0, 0.1, 300)  # what both models find hard
    first, second = hard + rng.normal(0.02, 0.03, 300), hard + rng.normal(0, 0.03, 300)
    found = paired_difference(first, second)
    expected = bootstrap(
        (first, second),
        lambda a, b, axis: np.mean(a, axis) - np.mean(b, axis),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        random_state=1,
    ).confidence_interval
    spread = (first - second).std() / np.sqrt(300)
    assert found.mean == pytest.approx(np.mean(first) - np.mean(second), abs=1e-12)
    np.testing.assert_allclose((found.low, found.high), expected, atol=0.15 * spread, rtol=0)
    # The central limit theorem's ends, in closed form.
    np.testing.assert_allclose(
        (found.low, found.high), found.mean + np.array([-1.96, 1.96]) * spread, atol=0.2 * spread
    )
    assert found.excludes_zero
    # The intervals of the two means overlap all the same: the pairing is what tells them apart.
    assert bootstrap_interval(second)[1] > bootstrap_interval(first)[0]


def test_a_paired_difference_turns_its_sign_and_takes_the_images_that_both_have():
    first, second, present = np.array([0.3, 9, 0.5, 0.1]), np.array([0.1, 0.2, 9, 0.2]), [True, False, False, True]
    one, other = paired_difference(first, second, present), paired_difference(second, first, present)
    assert one.count == 2 and one.mean == pytest.approx(0.05)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-12) and not one.excludes_zero
    nothing = paired_difference(first, second, [False] * 4)
    assert nothing.count == 0 and np.isnan(nothing.mean) and not nothing.excludes_zero
    alone = paired_difference(first, second, [True, False, False, False])
    assert alone.mean == pytest.approx(0.2) and np.isnan(alone.low) and not alone.excludes_zero


def test_a_broken_predictions_nan_is_not_passed_over():
    broken = paired_difference(np.array([0.3, np.nan, 0.5]), np.array([0.1, 0.1, 0.1]))
    assert broken.count == 3 and np.isnan(broken.mean) and not broken.excludes_zero


def test_equal_models_differ_by_nothing():
    values = np.random.default_rng(0).random(50)
    assert paired_difference(values, values) == (0, 0, 0, 50)
    assert not paired_difference(values, values).excludes_zero


def test_columns_that_other_images_have_are_each_as_on_their_own():
    rng = np.random.default_rng(4)
    first, second = rng.random((40, 4)), rng.random((40, 4))
    present = np.ones((40, 4), bool)
    present[3, 1] = present[7, 2] = False
    present[:, 3] = False
    together = paired_differences(first, second, present)
    assert [one.count for one in together] == [40, 39, 39, 0]
    for column in range(3):
        alone = paired_difference(first[:, column], second[:, column], present[:, column])
        np.testing.assert_allclose(together[column], alone, rtol=1e-12)
