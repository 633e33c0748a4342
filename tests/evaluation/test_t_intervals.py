import numpy as np
import pytest
from scipy import stats

from mdetools.evaluation import paired_t_test, t_interval


@pytest.mark.parametrize("count", [2, 3, 5, 40])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_mean_interval_and_p_are_those_of_scipy(count, confidence):
    values = np.random.default_rng(count).normal(0.3, 1, count)
    found = t_interval(values, confidence)
    expected = stats.ttest_1samp(values, 0)
    low, high = expected.confidence_interval(confidence)
    np.testing.assert_allclose([found.mean, found.low, found.high], [values.mean(), low, high], rtol=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert found.count == count


@pytest.mark.parametrize("count", [2, 3, 8])
def test_paired_test_is_that_of_scipy(count):
    first, second = np.random.default_rng(count).normal(0.5, 0.1, (2, count)) + [[0.2], [0.0]]
    found, expected = paired_t_test(first.tolist(), second.tolist()), stats.ttest_rel(first, second)
    np.testing.assert_allclose([found.low, found.high], expected.confidence_interval(0.95), rtol=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.excludes_zero == (expected.pvalue < 0.05)


def test_values_that_are_all_alike():
    assert t_interval([0.25, 0.25, 0.25]) == (0.25, 0.25, 0.25, 3, 0.0)
    same = paired_t_test([0.5, 0.25], [0.5, 0.25])
    assert same[:4] == (0, 0, 0, 2)
    assert np.isnan(same.p_value)
    assert not same.excludes_zero


def test_too_few_values_and_no_pairs():
    with pytest.raises(ValueError, match="an interval of 1 values"):
        t_interval([0.5])
    with pytest.raises(ValueError, match="2 and 3 values"):
        paired_t_test([1, 2], [1, 2, 3])
