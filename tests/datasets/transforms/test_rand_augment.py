"""RandAugment changes colours, by the sample's generator alone."""

import random

import numpy as np
from support.field_layouts import picture
from support.user_errors import user_error
from timm.data.auto_augment import NAME_TO_OP

from mdetools.datasets.transforms import RandAugment
from mdetools.datasets.transforms.rand_augment import COLOURS
from mdetools.testing import check_transform


def sample():
    image = picture()
    depth = np.ones(image.shape[:2], np.float32)
    return {"image": image, "depth": depth, "valid_mask": depth > 0, "meta": {"id": "one", "path": "one.png"}}


def test_battery():
    check_transform(RandAugment(prob=1.0), sample())


def test_it_changes_the_image_and_nothing_else():
    whole = sample() | {"image_clean": sample()["image"], "image_right": sample()["image"]}
    changed = [RandAugment(prob=1.0)(whole, np.random.default_rng(seed)) for seed in range(6)]
    assert sum(not np.array_equal(one["image"], whole["image"]) for one in changed) >= 5
    for one in changed:
        assert np.array_equal(one["image"], one["image_right"])  # of a pair both get the same change
        assert all(np.array_equal(one[name], whole[name]) for name in ("image_clean", "depth", "valid_mask"))


def test_it_leaves_pythons_generator_as_it_was():
    random.seed(5)
    state = random.getstate()
    RandAugment(prob=0.5)(sample(), np.random.default_rng(0))
    assert random.getstate() == state


def test_one_operation_is_timms_own():
    """Inverting takes no magnitude."""
    transform = RandAugment(count=1, prob=1.0, operations=["Invert"])
    image = transform(sample(), np.random.default_rng(0))["image"]
    np.testing.assert_array_equal(image, 255 - sample()["image"])


def test_operations_that_move_pixels_are_refused():
    assert set(COLOURS) <= set(NAME_TO_OP)
    user_error(lambda: RandAugment(operations=["ShearX"]), "ShearX")
    user_error(lambda: RandAugment(count=0), "count is 0")
    user_error(lambda: RandAugment(magnitude=12), "magnitude 12")
