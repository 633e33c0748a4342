import warnings

import numpy as np
import pytest
from support.kitti_layout import (
    DATE,
    DRIVE,
    HEIGHT,
    P_RECT,
    WIDTH,
    image_path,
    scan_path,
    split_of,
    write_calibration,
    write_image,
    write_kitti,
)
from support.user_errors import user_error

from mdetools.datasets import KITTIDataset


@pytest.fixture
def root(tmp_path):
    return write_kitti(tmp_path / "kitti")


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda root: image_path(root, 4, 3).unlink(),
            ["image_03/data/0000000004.png: cannot be read (No such file"],
        ),
        (
            lambda root: image_path(root, 4, 2).unlink(),
            ["image_02/data/0000000004.png: cannot be read (No such file"],
        ),
        (lambda root: image_path(root, 4, 2).write_bytes(b"GIF"), ["image_02/data/0000000004.png: not a readable"]),
        (
            lambda root: write_image(image_path(root, 4, 3), np.zeros((20, 64, 3), np.uint8)),
            ["image_03/data/0000000004.png: is 20x64", "is 30x64", "one size"],
        ),
        (lambda root: (root / DATE / "calib_cam_to_cam.txt").unlink(), ["no calibration file", "calib_cam_to_cam.txt"]),
        (lambda root: (root / DATE / "calib_velo_to_cam.txt").unlink(), ["no calibration file", "calib_velo_to_cam"]),
        (lambda root: write_calibration(root, drop="P_rect_03"), ["no line 'P_rect_03:'"]),
        (lambda root: scan_path(root, 4).unlink(), ["no velodyne scan", "0000000004.bin"]),
        (lambda root: cut(scan_path(root, 4)), ["0000000004.bin: has 9593 bytes", "multiple of 16"]),
    ],
)
@pytest.mark.filterwarnings("ignore:.*frames have no")
def test_bad_input(root, spoil, words):
    spoil(root)
    dataset = KITTIDataset(str(root), depth_source="velodyne")
    user_error(lambda: dataset[1], *words, f"split line '{DRIVE} 4 l' of {root / 'train.txt'}")


@pytest.mark.filterwarnings("ignore:.*have no depth-annotated PNG")
def test_bad_depth_files(root):
    write_image(root / DRIVE / "proj_depth/groundtruth/image_02/0000000004.png", np.ones((HEIGHT, WIDTH), np.uint16))
    dataset = KITTIDataset(str(root), depth_source="annotated")
    user_error(
        lambda: dataset[0], "no depth-annotated PNG", "proj_depth/groundtruth/image_02/0000000003.png", "val/2011"
    )
    path = root / DRIVE / "proj_depth/groundtruth/image_02/0000000003.png"
    write_image(path, np.zeros((HEIGHT, WIDTH), np.uint8))
    user_error(lambda: dataset[0], str(path), "uint8 (30, 64)", "16-bit PNG")
    path.write_bytes(b"no PNG")
    user_error(lambda: dataset[0], str(path), "not a readable image")
    write_image(path, np.zeros((HEIGHT, 8), np.uint16))
    user_error(lambda: dataset[0], "depth has shape (30, 8), expected (30, 64)")


@pytest.mark.filterwarnings("ignore:.*have no disparity map")
def test_no_disparity_map(root):
    write_image(root / "disparity" / DRIVE.split("/")[1] / "0000000004.png", np.ones((HEIGHT, WIDTH), np.uint16))
    dataset = KITTIDataset(str(root), split_of(root, "4 r", "3 l"), "disparity")
    user_error(lambda: dataset[0], "belong to left images", f"split line '{DRIVE} 4 r'")
    user_error(lambda: dataset[1], "no disparity map", "0000000003.png", "set disparity_root")


def test_images_that_are_not_there(root):
    split = split_of(root, "3 l", "77 l", "78 r")
    with pytest.warns(UserWarning, match=r"some.txt: 2 of 3 frames have no image in .*image_02/data/0000000077.png"):
        dataset = KITTIDataset(str(root), split)
    assert dataset[0]["meta"]["id"] == f"{DRIVE} 3 l"
    user_error(
        lambda: dataset[2],
        "image_03/data/0000000078.png: cannot be read (No such file",
        f"split line '{DRIVE} 78 r'",
    )
    user_error(
        lambda: KITTIDataset(str(root), split_of(root, "77 l", "78 r")),
        "2 of 2 frames have no image", "0000000077.png", "--data-root", "make_synthetic.py kitti",
    )  # fmt: skip
    user_error(lambda: KITTIDataset(str(root), "eigen_test"), "697 of 697 frames", "0000000069.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        KITTIDataset(str(root), "train")


def numbers(matrix):
    return " ".join(f"{value:.12e}" for value in np.ravel(matrix))


def camera(**change):
    """The text of P_rect_02 with other values, by row and column."""
    matrix = P_RECT[2].copy()
    for place, value in change.items():
        matrix[int(place[1]), int(place[2])] = value
    return numbers(matrix)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(P_rect_02=camera(_00=0)), ["P_rect_02: intrinsics are", "3x3 camera matrix"]),
        (dict(P_rect_02=camera(_00=-60)), ["P_rect_02: intrinsics are"]),
        (dict(P_rect_02=camera(_11=0)), ["P_rect_02: intrinsics are"]),
        (dict(P_rect_02=camera(_22=2)), ["P_rect_02: intrinsics are"]),
        (dict(P_rect_02=camera(_20=1)), ["P_rect_02: intrinsics are"]),
        (dict(P_rect_03=numbers(np.zeros((3, 4)))), ["P_rect_03: intrinsics are"]),
        (dict(P_rect_02=camera(_00=np.nan)), ["'P_rect_02: nan", "expected 12 numbers"]),
        (dict(P_rect_02=camera(_00=np.inf)), ["'P_rect_02: inf", "expected 12 numbers"]),
        (dict(P_rect_02=camera(_11=1e300)), ["'P_rect_02: 6.0", "expected 12 numbers"]),
        (dict(P_rect_03=numbers(P_RECT[2])), ["P_rect_02 and P_rect_03: the baseline is 0 m, expected a positive one"]),
        (
            dict(P_rect_02=numbers(P_RECT[3]), P_rect_03=numbers(P_RECT[2])),
            ["P_rect_02 and P_rect_03: the baseline is -0.53 m"],
        ),
        (dict(P_rect_02=camera(_03=np.nan)), ["expected 12 numbers"]),
        (dict(P_rect_02=camera(_00=1e-5)), ["the baseline is 360000 m"]),
        (dict(T="0 nan 0"), ["calib_velo_to_cam.txt: 'T: 0 nan 0', expected 3 numbers"]),
        (dict(R_rect_00="9" * 3000), ["'R_rect_00: 999", "expected 9 numbers"]),
    ],
)
def test_cameras_that_are_none(root, change, words):
    write_calibration(root, **change)
    dataset = KITTIDataset(str(root), depth_source="velodyne")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line = user_error(lambda: dataset[0], str(root / DATE / "calib_"), *words)
    assert len(line) < 700


def test_the_encoding_of_a_calibration(root):
    path = root / DATE / "calib_cam_to_cam.txt"
    text = path.read_text()
    path.write_bytes(text.encode("utf-8-sig"))
    assert KITTIDataset(str(root))[0]["baseline"] == pytest.approx(0.53)
    path.write_bytes(b"P_rect_02: \xe9\n" + text.encode())
    user_error(lambda: KITTIDataset(str(root))[0], f"{path}:1: not a readable text file", "save it as UTF-8")


def test_points_without_a_place_are_left_out(root):
    path = scan_path(root, 3)
    points = np.fromfile(path, np.float32).reshape(-1, 4)
    expected = KITTIDataset(str(root), depth_source="velodyne").load(0)["depth"]
    rows = [[np.nan] * 4, [np.inf] * 4, [-np.inf, 1, 1, 0], [3, np.nan, 0, 0]]
    np.concatenate([points, np.array(rows, np.float32)]).tofile(path)
    np.testing.assert_array_equal(KITTIDataset(str(root), depth_source="velodyne").load(0)["depth"], expected)


def test_unknown_source(root):
    user_error(lambda: KITTIDataset(str(root), depth_source="lidar"), "'lidar'", "velodyne, velodyne_devkit, annotated")
