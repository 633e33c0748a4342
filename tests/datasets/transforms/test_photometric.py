import numpy as np
import pytest

from mdetools.datasets.transforms import Albumentations
from mdetools.errors import UserError

NOISE = dict(type="GaussNoise", std_range=(5 / 255, 5 / 255), p=1.0)
JITTER = dict(type="ColorJitter", brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1, p=1.0)


def make_sample(value=None):
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    if value is not None:
        image[:] = value
    depth = np.full((60, 80), 2.0, np.float32)
    return dict(image=image, depth=depth, valid_mask=depth > 0, intrinsics=np.eye(3, dtype=np.float32))


def photometric(transforms, seed, sample):
    return Albumentations(transforms)(sample, np.random.default_rng(seed))


def test_noise_has_the_given_deviation():
    noisy = photometric([NOISE], 1, make_sample(128))["image"].astype(np.float64)
    assert abs(noisy.mean() - 128) < 0.6  # half a level is lost where floats become uint8
    assert abs(noisy.std() - 5) < 0.5  # for which it also loses a little


def test_brightness_is_a_factor():
    out = photometric(
        [dict(type="ColorJitter", brightness=(1.5, 1.5), contrast=0, saturation=0, hue=0, p=1)], 0, make_sample(100)
    )
    assert np.abs(out["image"].astype(int) - 150).max() <= 1


def test_a_seed_gives_one_result_whatever_came_before():
    transform = Albumentations([JITTER, NOISE])
    first = transform(make_sample(), np.random.default_rng(5))["image"]
    other = transform(make_sample(), np.random.default_rng(6))["image"]
    np.random.seed(0)
    again = transform(make_sample(), np.random.default_rng(5))["image"]
    np.testing.assert_array_equal(again, first)
    assert (other != first).mean() > 0.5


def test_probability():
    transform, sample = Albumentations([{**NOISE, "p": 0.25}]), make_sample(128)
    rng = np.random.default_rng(0)
    changed = sum((transform(sample, rng)["image"] != 128).any() for _ in range(400))
    assert 70 < changed < 130  # 100 expected, standard deviation 8.7


def test_only_images_change_and_both_alike():
    sample = make_sample()
    sample["image_right"] = sample["image"].copy()
    out = photometric([JITTER, NOISE], 3, sample)
    np.testing.assert_array_equal(out["image"], out["image_right"])
    assert (out["image"] != sample["image"]).any()
    assert out["depth"] is sample["depth"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (dict(type="HorizontalFlip"), "HorizontalFlip moves pixels.*use RandomHorizontalFlip, Resize or RandomCrop"),
        (dict(type="RandomResizedCrop", size=(4, 4)), "RandomResizedCrop moves pixels"),
        (dict(type="ColourJitter"), "no transform 'ColourJitter'; did you mean 'ColorJitter'"),
        (dict(type="Compose"), "no transform 'Compose'"),
        (dict(type="GaussNoise", std_rnge=(0, 1)), "GaussNoise takes no 'std_rnge'; did you mean 'std_range'"),
        (dict(type="GaussNoise", var_limit=25), "GaussNoise takes no 'var_limit'"),
        (dict(type="GaussNoise", std_range=(0, 5)), "GaussNoise refuses .*std_range"),
    ],
)
def test_bad_configs(config, words):
    with pytest.raises(UserError, match=words) as caught:
        Albumentations([config])
    assert "\n" not in str(caught.value)


def test_lists_from_a_config_are_tuples():
    out = photometric([dict(type="GaussNoise", std_range=[0.0, 0.0], p=1.0)], 0, make_sample(77))
    assert (out["image"] == 77).all()
