import numpy as np

from mdetools.datasets.transforms import ChannelScale
from mdetools.testing import check_transform


def make_pair(seed=0):
    rng = np.random.default_rng(seed)
    image, right = rng.integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    intrinsics = np.array([[50, 0, 25], [0, 50, 20], [0, 0, 1]], np.float32)
    return dict(image=image, image_right=right, intrinsics=intrinsics, baseline=0.5, meta=dict(id="a", path="a"))


def test_one_factor_a_channel_and_the_same_for_both_images():
    sample, factors = make_pair(), []
    for seed in range(200):
        scaled = ChannelScale((0.9, 1.1))(sample, np.random.default_rng(seed))
        drawn = np.random.default_rng(seed).uniform(0.9, 1.1, 3)
        for key in ("image", "image_right"):
            expected = np.clip(np.round(sample[key].astype(np.float64) * drawn), 0, 255)
            np.testing.assert_array_equal(scaled[key], expected)
        factors.append(drawn)
    assert np.ptp(factors, axis=0).min() > 0.18
    assert np.abs(np.corrcoef(np.array(factors).T) - np.eye(3)).max() < 0.3


def test_range_and_clipping():
    doubled = ChannelScale((2.0, 2.0))(make_pair(), np.random.default_rng(0))["image"]
    np.testing.assert_array_equal(doubled, np.minimum(2 * make_pair()["image"].astype(int), 255))


def test_battery():
    check_transform(ChannelScale(), make_pair())
