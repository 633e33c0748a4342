"""Cameras as people and programs write them."""

import json

import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.rgbd.cameras import camera_of, read_camera_file

K = np.array([[520.5, 0, 319.5], [0, 519.25, 239.5], [0, 0, 1]])
POSE = np.eye(4)
POSE[:3, :3] = K
NAMED = dict(fx=520.5, fy=519.25, cx=319.5, cy=239.5)

VALUES = {
    "four numbers": [520.5, 519.25, 319.5, 239.5],
    "names": NAMED,
    "names in capitals": {name.upper(): value for name, value in NAMED.items()},
    "numbers as text": {name: str(value) for name, value in NAMED.items()},
    "3x3": K.tolist(),
    "3x4": np.hstack([K, np.zeros((3, 1))]).tolist(),
    "4x4": POSE.tolist(),
    "nine numbers": K.ravel().tolist(),
    "RealSense": dict(fx=520.5, fy=519.25, ppx=319.5, ppy=239.5, width=640, height=480, coeffs=[0, 0, 0, 0, 0]),
    "transforms.json": dict(fl_x=520.5, fl_y=519.25, cx=319.5, cy=239.5, w=640, h=480, k1=0, frames=[]),
    "Open3D, by columns": dict(width=640, height=480, intrinsic_matrix=K.T.ravel().tolist()),
    "ROS": dict(image_width=640, image_height=480, camera_matrix=dict(rows=3, cols=3, data=K.ravel().tolist())),
    "K": dict(K=K.tolist()),
    "names under a name": dict(intrinsics=dict(**NAMED, width=640, height=480)),
    "a matrix under two names": dict(width=640, height=480, Intrinsics=dict(K=dict(data=K.tolist()), dist=[0, 0])),
}  # fmt: skip

TEXTS = {
    "four numbers": "520.5 519.25 319.5 239.5\n",
    "a matrix": "520.5 0 319.5\n0 519.25 239.5\n0 0 1\n",
    "powers of ten": "\n".join(" ".join(f"{value:.18e}" for value in row) for row in K),
    "ScanNet's": "\n".join(" ".join(f"{value:.6f}" for value in row) for row in POSE),
    "brackets": "[[520.5, 0, 319.5], [0, 519.25, 239.5], [0, 0, 1]]",
    "a comment": "# fx fy cx cy at 640x480\n520.5 519.25 319.5 239.5  # by hand",
    "names": "fx = 520.5\nfy = 519.25\ncx = 319.5\ncy = 239.5\n",
    "YAML": "fx: 520.5\nfy: 519.25\ncx: 319.5\ncy: 239.5\nwidth: 640\nheight: 480\n",
    "a byte order mark": "\ufeff520.5 519.25 319.5 239.5",
}


@pytest.mark.parametrize("case", VALUES)
def test_every_form_of_values_is_the_same_camera(tmp_path, case):
    (tmp_path / "camera.json").write_text(json.dumps(VALUES[case]))
    for camera in (camera_of(VALUES[case], "intrinsics"), read_camera_file(tmp_path / "camera.json")):
        np.testing.assert_array_equal(camera.intrinsics, K)
        assert camera.size in (None, (480, 640))


@pytest.mark.parametrize("case", TEXTS)
def test_every_form_of_a_text_is_the_same_camera(tmp_path, case):
    (tmp_path / "intrinsics.txt").write_text(TEXTS[case])
    np.testing.assert_allclose(read_camera_file(tmp_path / "intrinsics.txt").intrinsics, K, rtol=1e-15)


def test_a_camera_of_another_size_follows_the_image():
    camera = camera_of(VALUES["RealSense"], "camera.json")
    np.testing.assert_allclose(
        camera.at((240, 320), "1.png"), [[260.25, 0, 159.5], [0, 259.625, 119.5], [0, 0, 1]], rtol=1e-12
    )
    user_error(
        lambda: camera.at((640, 480), "1.png"), "1.png: the image is 640x480", "known for 480x640", "same aspect"
    )


@pytest.mark.parametrize(
    "size", [dict(width=1280, height=960), dict(w=1280, h=960), dict(Image_Width=1280, HEIGHT=960)]
)
@pytest.mark.parametrize("name", ["intrinsics", "K", "camera_matrix"])
def test_a_size_beside_the_numbers_counts_wherever_they_lie(size, name):
    numbers = dict(fx=1000, fy=1100, cx=639.5, cy=479.5)
    forms = {**numbers, **size}, {name: {**numbers, **size}}, {name: numbers, **size}
    for values in forms:
        got = camera_of(values, "intrinsics").at((480, 640), "1.png")
        np.testing.assert_allclose(got, [[500, 0, 319.5], [0, 550, 239.5], [0, 0, 1]], rtol=1e-12)


@pytest.mark.parametrize(
    "values", [[0.9, 1.2, 0.5, 0.5], dict(fx=1.9, fy=1.9, cx=1, cy=0.98), [[0.58, 0, 0.5], [0, 1.92, 0.5], [0, 0, 1]]]
)
def test_a_normalised_camera_is_refused(values):
    user_error(
        lambda: camera_of(values, "intrinsics"), "intrinsics: fx fy cx cy are", "look normalised", "multiply by width"
    )


def test_small_cameras_in_pixels_are_none_that_is_normalised():
    for values in ([1.5, 1.5, 1.5, 1], [2, 2, 1, 1]):
        assert camera_of(values, "intrinsics").intrinsics[0, 0] == values[0]


BAD = {
    "three numbers": [520, 320, 240],
    "five numbers": [1, 2, 3, 4, 5],
    "nothing": [],
    "no number": 520,
    "text": "a lot",
    "a name is missing": dict(fx=1, fy=1, cx=1),
    "words": dict(fx="wide", fy=1, cx=1, cy=1),
    "ragged": [[1, 2], [3]],
    "no size": dict(**NAMED, width=0, height=480),
    "too much": dict(**NAMED, width="9" * 5000, height=1),
    "nested": [[[[[1]]]]],
    "None": None,
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_camera_is_one_line(tmp_path, case):
    user_error(lambda: camera_of(BAD[case], "the option"), "the option: found", "expected fx fy cx cy, a 3x3 matrix")


@pytest.mark.parametrize(
    "numbers", [[0, 1, 2, 3], [float("nan"), 1, 2, 3], [-5, 5, 2, 2], [5, 5, float("inf"), 2], [5, 5, 1e9, 1]]
)
def test_a_camera_that_cannot_be(numbers):
    user_error(lambda: camera_of(numbers, "the option"), "the option: intrinsics are", "in pixels")


@pytest.mark.parametrize("text", ["{", "[" * 100000, '{"fx": ' + "1" * 5000 + "}", "NaN", ""])
def test_damaged_json_is_one_line(tmp_path, text):
    (tmp_path / "camera.json").write_text(text)
    user_error(
        lambda: read_camera_file(tmp_path / "camera.json"), str(tmp_path / "camera.json"), "expected fx fy cx cy"
    )
