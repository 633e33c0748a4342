"""Metric ground truth as inverse depth, with the sky at 0."""

import numpy as np
import pytest
from support.nyu_layout import make_frame

from mdetools.datasets.transforms import BenchmarkCrop, DepthRange, InverseDepth, RandomHorizontalFlip, Resize
from mdetools.testing import check_transform

RNG = np.random.default_rng(0)


def metric(depth, sky=None):
    depth = np.array(depth, np.float32)
    image = np.repeat(np.arange(depth.size, dtype=np.uint8).reshape(*depth.shape, 1), 3, axis=2)
    sample = {"image": image, "depth": depth, "valid_mask": depth > 0, "meta": {"id": "a"}}
    return sample if sky is None else sample | {"sky": np.array(sky)}


def test_metres_become_their_inverse_and_the_sky_nothing():
    sample = InverseDepth()(metric([[0.5, 0, 3], [0, 80, 0]], [[False] * 3, [True, False, False]]), RNG)
    assert "depth" not in sample and sample["inverse_depth"].dtype == np.float32
    expected = np.array([[2, 0, 1 / 3], [0, 1 / 80, 0]])
    np.testing.assert_allclose(sample["inverse_depth"].astype(float), expected, rtol=1e-7)
    assert sample["valid_mask"].tolist() == [[True, False, True], [True, True, False]]


def test_without_sky_holes_stay_holes():
    sample = InverseDepth()(metric([[0, 4]]), RNG)
    assert sample["inverse_depth"].tolist() == [[0, 0.25]] and sample["valid_mask"].tolist() == [[False, True]]


def test_a_depth_whose_inverse_float32_does_not_hold_is_a_hole():
    sample = InverseDepth()(metric([[1e-39, 1e-37]]), RNG)
    assert sample["valid_mask"].tolist() == [[False, True]] and np.isfinite(sample["inverse_depth"]).all()


def test_what_is_inverse_depth_already_stays():
    sample = metric([[2, 4]]) | {"inverse_depth": np.array([[7, 8]], np.float32)}
    changed = InverseDepth()(sample, RNG)
    assert changed["inverse_depth"] is sample["inverse_depth"] and "depth" not in changed
    photograph = {"image": sample["image"], "meta": {}}
    assert InverseDepth()(photograph, RNG) == photograph


def test_a_range_of_depth_leaves_the_sky():
    sample = metric([[1, 100, 0, 0]], [[False, False, True, False]])
    sample = InverseDepth()(DepthRange(1e-3, 80)(sample, RNG), RNG)
    assert sample["inverse_depth"].tolist() == [[1, 0, 0, 0]]
    assert sample["valid_mask"].tolist() == [[True, False, True, False]]


def test_the_window_of_a_benchmark_holds_for_the_sky():
    shape = 360, 1220
    everywhere = metric(np.zeros(shape), np.ones(shape, bool))
    cropped = BenchmarkCrop("garg")(everywhere, RNG)
    depth = BenchmarkCrop("garg")(metric(np.ones(shape)), RNG)
    assert (cropped["sky"] == depth["valid_mask"]).all() and everywhere["sky"].all()


@pytest.mark.parametrize("transform", [RandomHorizontalFlip(1.0), Resize((6, 4), 1, keep_aspect=False)])
def test_the_sky_follows_the_image(transform):
    depth = np.arange(1.0, 7).reshape(3, 2)
    sky = depth > 4
    moved = transform(metric(np.where(sky, 0, depth), sky), RNG)
    plain = transform(metric(depth), RNG)
    assert (moved["sky"] == (plain["depth"] > 4)).all() and moved["sky"].any()


def test_keeps_the_contract():
    image, depth = make_frame()
    sky = depth > 5
    sample = metric(np.where(sky, 0, depth), sky)
    check_transform(InverseDepth(), sample | {"image": image})
