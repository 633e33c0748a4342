"""What is missing is counted at the start, and what is not needed need not be there."""

import shutil
import warnings

import cv2
import numpy as np
import pytest
from support.kitti_layout import (
    BASELINE,
    DATE,
    DRIVE,
    FOCAL,
    HEIGHT,
    P_RECT,
    WIDTH,
    image_path,
    pair_images,
    projected,
    scan_path,
    scan_points,
    split_of,
    write_calibration,
    write_image,
    write_kitti,
)
from support.user_errors import user_error

from mdetools.datasets import KITTIDataset

ANNOTATED = "proj_depth/groundtruth/image_02/{:010d}.png"


@pytest.fixture
def root(tmp_path):
    return write_kitti(tmp_path / "kitti")


def write_map(path):
    return write_image(path, np.full((HEIGHT, WIDTH), 2560, np.uint16))


def write_depth_files(root, source, numbers, folder=DRIVE):
    """The ground truth of some frames; that of velodyne is there for all, and goes for the others."""
    for number in (3, 4, 12):
        if source.startswith("velodyne"):
            if number not in numbers:
                scan_path(root, number).unlink()
        elif number in numbers:
            places = {"annotated": root / folder / ANNOTATED.format(number)}
            places["disparity"] = root / "disparity" / DRIVE.split("/")[1] / f"{number:010d}.png"
            write_map(places[source])


KINDS = {
    "velodyne": "velodyne scan",
    "velodyne_devkit": "velodyne scan",
    "annotated": "depth-annotated PNG",
    "disparity": "disparity map",
}


@pytest.mark.parametrize("source", KINDS)
def test_depth_that_is_not_there_is_counted_at_the_start(root, source):
    write_depth_files(root, source, [4])
    with pytest.warns(UserWarning) as caught:
        dataset = KITTIDataset(str(root), "train", source)
    (warning,) = caught
    message = str(warning.message)
    assert message.startswith(f"{root / 'train.txt'}: 2 of 3 frames have no {KINDS[source]}, e.g. {root}/")
    assert "/0000000003." in message and message.endswith("; each is an error when its turn comes")
    assert dataset[1]["depth"].any()
    user_error(lambda: dataset[0], f"no {KINDS[source]}", "0000000003", f"split line '{DRIVE} 3 l'")


@pytest.mark.parametrize("source", KINDS)
def test_no_depth_at_all_is_refused_at_the_start(root, source):
    write_depth_files(root, source, [])
    cure = {"annotated": "data_depth_annotated", "disparity": "set disparity_root"}.get(source, "velodyne_points")
    user_error(lambda: KITTIDataset(str(root), "train", source), f"3 of 3 frames have no {KINDS[source]}", cure)


@pytest.mark.parametrize("folder", [DRIVE, *(f"{part}/{DRIVE.split('/')[1]}" for part in ("train", "val"))])
def test_no_word_of_what_is_there(root, folder):
    write_depth_files(root, "annotated", [3, 4, 12], folder)
    write_depth_files(root, "disparity", [3, 4, 12])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for source in (None, *KINDS):
            assert len(KITTIDataset(str(root), "train", source)) == 3


def test_a_folder_is_listed_once_however_many_frames_it_has(root, monkeypatch):
    listed, original = [], type(root).iterdir
    monkeypatch.setattr(type(root), "iterdir", lambda self: listed.append(str(self)) or original(self))
    KITTIDataset(str(root), "train", "velodyne")
    assert sorted(listed) == [str(root / DRIVE / name / "data") for name in ("image_02", "image_03", "velodyne_points")]


@pytest.mark.parametrize("ending", [".jpg", ".jpeg", ".JPG", ".JPEG", ".PNG"])
def test_endings_of_images_are_the_same_at_the_start_and_when_read(root, ending):
    for camera, image in zip((2, 3), pair_images(3), strict=True):
        image_path(root, 3, camera).unlink()
        smooth = cv2.GaussianBlur(image, (0, 0), 3)
        write_image(image_path(root, 3, camera, ending), smooth)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = KITTIDataset(str(root), split_of(root, "3 l", "* r"))
    assert len(dataset) == 4
    sample = dataset.load(0)
    assert sample["meta"]["path"].endswith(f"image_02/data/0000000003{ending}")
    assert np.abs(sample["image_right"].astype(int) - smooth).mean() < 4


@pytest.mark.parametrize("ending", [".txt", ".png.part", ".webm", ""])
def test_files_with_other_endings_are_no_images(root, ending):
    for camera in (2, 3):
        image_path(root, 4, camera).rename(image_path(root, 4, camera, ending))
    with pytest.warns(UserWarning, match=r"1 of 3 frames have no image in .*0000000004.png;"):
        dataset = KITTIDataset(str(root), "train")
    user_error(lambda: dataset[1], "0000000004.png: cannot be read (No such file or directory), expected an image file")
    assert len(KITTIDataset(str(root), split_of(root, "* l"))) == 2


def test_the_other_image_of_a_pair_is_counted_too(root):
    image_path(root, 4, 3).unlink()
    with pytest.warns(UserWarning, match=r"1 of 3 frames have no image in .*image_03/data/0000000004.png"):
        KITTIDataset(str(root), "train")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(KITTIDataset(str(root), "train", stereo=False)) == 3


@pytest.mark.parametrize(("side", "own", "other"), [("l", 2, 3), ("r", 3, 2)])
def test_one_camera_is_enough(root, side, own, other):
    both = KITTIDataset(str(root), split_of(root, f"* {side}"), "velodyne", stereo=False)
    expected = [both.load(index) for index in range(3)]
    shutil.rmtree(root / DRIVE / f"image_0{other}")
    write_calibration(root, drop=f"P_rect_0{other}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = KITTIDataset(str(root), "some", "velodyne", stereo=False)
    assert [frame.number for frame in alone.frames] == [3, 4, 12]
    for index, sample in enumerate(expected):
        found = alone.load(index)
        assert set(sample) - set(found) == {"baseline"} and sample["baseline"] == pytest.approx(BASELINE, rel=1e-6)
        for key in ("image", "intrinsics", "depth", "valid_mask"):
            np.testing.assert_array_equal(found[key], sample[key])
    seen = projected(scan_points(3), own)
    np.testing.assert_allclose(expected[0]["depth"], seen if side == "l" else seen[:, ::-1], rtol=1e-6)


def test_two_cameras_are_needed_for_pairs_and_for_disparity(root):
    shutil.rmtree(root / DRIVE / "image_03")
    user_error(lambda: KITTIDataset(str(root), "train"), "3 of 3 frames have no image", "image_03", "set stereo=False")
    split = split_of(root, "* l")
    user_error(lambda: KITTIDataset(str(root), split), "names no frame that is in", "* is every pair", "stereo=False")
    write_calibration(root, drop="P_rect_03")
    write_depth_files(root, "disparity", [3, 4, 12])
    dataset = KITTIDataset(str(root), "train", "disparity", stereo=False)
    user_error(lambda: dataset[0], "no line 'P_rect_03:'")


@pytest.mark.parametrize("stereo", [True, False])
@pytest.mark.parametrize(
    "matrix", [P_RECT[2], np.full((3, 4), np.nan), np.where(P_RECT[3] == FOCAL, np.inf, P_RECT[3])]
)
def test_a_right_camera_that_is_the_left_one_or_no_number(root, matrix, stereo):
    text = " ".join(f"{value:.12e}" for value in matrix.ravel())
    write_calibration(root, P_rect_03=text)
    dataset = KITTIDataset(str(root), "train", stereo=stereo)
    words = ["the baseline is 0 m"] if np.isfinite(matrix).all() else ["'P_rect_03: ", "expected 12 numbers"]
    user_error(lambda: dataset[0], str(root / DATE / "calib_cam_to_cam.txt"), *words)
