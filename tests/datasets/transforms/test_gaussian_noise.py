import numpy as np
import pytest
from scipy.stats import chisquare, norm

from mdetools.datasets.transforms import GaussianNoise
from mdetools.errors import UserError
from mdetools.testing import check_transform

STD = 5.0


def noisy(seed=0, value=128, std=STD, prob=1.0, **more):
    sample = dict(image=np.full((120, 160, 3), value, np.uint8), meta=dict(id="a", path="a"), **more)
    return GaussianNoise((std / 255, std / 255), prob)(sample, np.random.default_rng(seed))


def test_each_channel_has_the_rounded_normal_distribution():
    noise = noisy()["image"].astype(int) - 128
    levels = np.arange(-10, 11)
    for channel in range(3):
        found = np.array([(noise[..., channel] == level).sum() for level in levels])
        share = norm.cdf(levels + 0.5, 0, STD) - norm.cdf(levels - 0.5, 0, STD)
        assert chisquare(found, share / share.sum() * found.sum()).pvalue > 1e-3


def test_values_are_independent_of_their_neighbours_and_channels():
    noise = noisy(1)["image"].astype(float) - 128
    limit = 4 / np.sqrt(noise[..., 0].size)  # four standard deviations of a correlation of independent values
    for first, second in ((noise[:, 1:], noise[:, :-1]), (noise[1:], noise[:-1]), (noise[..., 1:], noise[..., :-1])):
        assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < limit


def test_values_are_clipped():
    assert noisy(value=255)["image"].max() == 255
    assert (noisy(value=255)["image"] == 255).mean() == pytest.approx(norm.cdf(0.5 / STD), abs=0.01)
    assert (noisy(value=0)["image"] == 0).mean() == pytest.approx(norm.cdf(0.5 / STD), abs=0.01)


def test_both_images_of_a_pair_get_the_same_noise():
    right = np.full((120, 160, 3), 90, np.uint8)
    pair = noisy(image_right=right)
    np.testing.assert_array_equal(pair["image"].astype(int) - 128, pair["image_right"].astype(int) - 90)


def test_a_seed_gives_one_result_and_another_gives_another():
    np.testing.assert_array_equal(noisy(3)["image"], noisy(3)["image"])
    assert (noisy(3)["image"] != noisy(4)["image"]).mean() > 0.5


def test_deviation_and_probability_are_drawn():
    transform, sample = GaussianNoise((0.0, 10 / 255), 0.25), dict(image=np.full((60, 80, 3), 128, np.uint8))
    stds = [transform(sample, np.random.default_rng(seed))["image"].std() for seed in range(400)]
    changed = [std for std in stds if std]
    assert len(changed) / len(stds) == pytest.approx(0.25, abs=0.07)
    assert np.mean(changed) == pytest.approx(5, abs=0.7)
    assert max(changed) < 10.3


@pytest.mark.parametrize("std_range", [(-0.1, 0.1), (0.2, 0.1), (0.0, 5.0)])
def test_a_range_that_is_none_is_refused(std_range):
    with pytest.raises(UserError, match=r"expected 0 <= low <= high <= 1"):
        GaussianNoise(std_range)


def test_battery():
    sample = noisy(std=0.0)
    sample |= dict(intrinsics=np.array([[50, 0, 25], [0, 50, 20], [0, 0, 1]], np.float32), baseline=0.5)
    check_transform(GaussianNoise(), sample)
