"""What the values of depth files mean: kinds, scales and holes."""

import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.rgbd.depth_kinds import HOLES, check_holes, to_metres
from mdetools.geometry import distance_to_depth

CAMERA = np.array([[520.0, 0, 319.5], [0, 515.0, 239.5], [0, 0, 1]])


def test_a_slanted_plane_seen_by_distance():
    """The plane n . X = d: the ray through each pixel meets it at a depth that is worked out here by itself."""
    normal, offset = np.array([0.3, -0.2, 0.9]), 2.5
    for u, v in ((0, 0), (319.5, 239.5), (639, 479), (100, 400)):
        ray = np.array([(u - 319.5) / 520, (v - 239.5) / 515, 1])
        depth = offset / (normal @ ray)
        shifted = CAMERA - [[0, 0, u], [0, 0, v], [0, 0, 0]]  # the pixel is the first of the map
        got = distance_to_depth(np.array([[depth * np.linalg.norm(ray)]]), shifted)
        assert got[0, 0] == pytest.approx(depth, rel=1e-12)


def test_distance_of_a_camera_with_skew():
    camera = CAMERA + [[0, 40, 0], [0, 0, 0], [0, 0, 0]]
    depth = np.full((4, 5), 3.0)
    rows, columns = np.indices(depth.shape)
    rays = np.linalg.solve(camera, np.stack([columns.ravel(), rows.ravel(), np.ones(20)]))
    distance = (3 * np.linalg.norm(rays, axis=0)).reshape(4, 5)
    np.testing.assert_allclose(distance_to_depth(distance, camera), depth, rtol=1e-12)


KINDS = {  # value and scale in the file, and the metres that a person works out
    "mm": (dict(kind="depth", scale=1000), 1500, 1.5),
    "cm": (dict(kind="depth", scale=100), 150, 1.5),
    "tenths of a millimetre": (dict(kind="depth", scale=10000), 15000, 1.5),
    "kilometres": (dict(kind="depth", scale=0.001), 2, 2000),
    "inverse": (dict(kind="inverse_depth", scale=1), 4, 0.25),
    "inverse x 1000": (dict(kind="inverse_depth", scale=1000), 500, 2),
    "disparity": (dict(kind="disparity", scale=1, baseline=0.1, intrinsics=CAMERA), 26, 2),
    "disparity x 256": (dict(kind="disparity", scale=256, baseline=0.1, intrinsics=CAMERA), 26 * 256, 2),
}


@pytest.mark.parametrize("dtype", ["uint16", "int32", "uint64", "float32", "float64", ">f4"])
@pytest.mark.parametrize("case", KINDS)
def test_values_become_metres(case, dtype):
    options, value, metres = KINDS[case]
    got = to_metres(np.array([[value, 0]], dtype), **options)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [[metres, 0]], rtol=1e-6)


def test_the_camera_and_the_baseline_are_asked_for():
    values = np.ones((2, 2))
    user_error(lambda: to_metres(values, "distance", path="a.npy"), "a.npy: depth_kind 'distance' needs the intrinsics")
    user_error(lambda: to_metres(values, "disparity", baseline=1.0), "needs the intrinsics")
    user_error(lambda: to_metres(values, "disparity", intrinsics=CAMERA), "needs the baseline")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "uint32", "int64", "uint64"])
def test_the_largest_integer_is_a_hole(dtype):
    largest = np.iinfo(dtype).max
    values = np.array([[largest, largest - 1, 7, 0]], dtype)
    got = to_metres(values, scale=1)
    np.testing.assert_array_equal(got[0] > 0, [False, True, True, False])
    np.testing.assert_allclose(to_metres(values, scale=1, holes=(0,)), values.astype(np.float64), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_that_mean_nothing_are_holes(dtype):
    values = np.array([[np.nan, np.inf, -np.inf, 0, 1.5, 65504]], dtype)
    np.testing.assert_array_equal(to_metres(values), [[0, 0, 0, 0, 1.5, 65504]])
    left = to_metres(values, holes=(0, "inf"))
    assert np.isnan(left[0, 0]) and not left[0, 1:4].any()
    np.testing.assert_array_equal(
        to_metres(values, holes=(0, float("nan"), float("inf"), float("-inf"))), to_metres(values)
    )


OWN = [(-1, "float32"), (-1, "int16"), (1e10, "float32"), (0.1, "float32"), (300, "uint8"), (10**30, "uint16")]


@pytest.mark.parametrize("hole, dtype", [*OWN, (1e300, "float16"), (0.1, "float16")])
def test_holes_of_your_own(hole, dtype):
    """They are compared in the file's own type, in which 0.1 is another number, and before anything is scaled."""
    with np.errstate(over="ignore"):
        there = [[np.float64(hole).astype(dtype) if np.dtype(dtype).kind == "f" else max(min(hole, 200), -200), 3]]
    got = to_metres(np.array(there, dtype), scale=10, holes=(*HOLES, hole))
    fits = np.dtype(dtype).kind == "f" or abs(hole) <= 200
    assert got[0, 0] == (0 if fits else np.float32(20)) and got[0, 1] == np.float32(0.3)


@pytest.mark.parametrize("kind", ["inverse_depth", "disparity"])
def test_what_is_infinitely_far_is_a_hole_even_if_0_is_none(kind):
    got = to_metres(np.array([[0.0, 2.0]]), kind, holes=(), intrinsics=CAMERA, baseline=1.0)
    assert got[0, 0] == 0 and got[0, 1] > 0


@pytest.mark.parametrize("holes", ["max", None, 0, ["maxx"], [None], [True], [[0]], [0, "Nan"]])
def test_holes_that_are_none_are_refused(holes):
    user_error(lambda: check_holes(holes), "holes has", "expected a list of numbers and of max, nan, inf")


@pytest.mark.parametrize("hole, written", [("max", "'max'"), ("nan", "'nan'"), (0, "0"), (-1.5, "-1.5")])
def test_one_hole_is_written_as_a_list(hole, written):
    user_error(lambda: check_holes(hole), f"write holes=[{written}]")
    user_error(lambda: check_holes("mex"), "did you mean 'max'?")


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
@pytest.mark.parametrize("kind, power", [("depth", 1), ("inverse_depth", -1)])
def test_small_types_have_the_digits_of_float32(dtype, kind, power):
    """float16 has 3 digits and ends at 65504, where a scale of 0.001 leads at once."""
    values = np.array([[201, 203, 207]], dtype)
    for scale in (1000, 0.001):
        got = to_metres(values, kind, scale, holes=(0,))
        np.testing.assert_allclose(got, (values.astype(np.float64) / scale) ** power, rtol=1e-6)


def test_the_file_s_values_are_left_alone():
    values = np.array([[0, 65535, 1000]], np.uint16)
    to_metres(values, scale=1000)
    assert values.tolist() == [[0, 65535, 1000]]
    floats = np.array([[np.nan, 2]], np.float32)
    to_metres(floats)
    assert np.isnan(floats[0, 0])
