"""The cameras of your own pairs: in files, and real ones."""

import json

import cv2
import numpy as np
import pytest
from support.paths import REAL_DATA, ROOT
from support.stereo_pairs import SIZE, pair_images, write_image, write_pairs
from support.user_errors import user_error

from mdetools.datasets import StereoPairDataset
from mdetools.engine.configs.loading import load_config
from mdetools.registry import DATASETS

MIDDLEBURY = """cam0=[80.5 0 33.25; 0 80.5 14.5; 0 0 1]
cam1=[80.5 0 {cx1}; 0 80.5 14.5; 0 0 1]
{doffs}baseline=193.001
width={width}
height={height}
ndisp=280
isint=0
vmin=31
"""
CAM0 = [[80.5, 0, 33.25], [0, 80.5, 14.5], [0, 0, 1]]


def calibration(cx1=33.25, doffs=None, height=SIZE[0], width=SIZE[1]):
    """The text of a calib.txt in Middlebury's form."""
    line = "" if doffs is None else f"doffs={doffs}\n"
    return MIDDLEBURY.format(cx1=cx1, doffs=line, height=height, width=width)


def scene(root, disparity=6, offset=0, seed=0):
    """im0, im1 and disp0 (x256) of a plane whose left(x) = right(x - disparity); the cameras' offset lies beside it."""
    left, right = pair_images(seed, disparity=disparity)
    write_image(root / "plane/im0.png", left)
    write_image(root / "plane/im1.png", right)
    write_image(root / "plane/disp0.png", np.full(SIZE, disparity * 256, np.uint16))
    return left, right


def middlebury(root, **given):
    names = dict(left="*/im0", right="*/im1", depth="*/disp0", depth_scale=256.0)
    return StereoPairDataset(str(root), ".", **names | given)


def test_a_calib_txt_of_middlebury(tmp_path):
    left, right = scene(tmp_path)
    (tmp_path / "plane/calib.txt").write_text(calibration(doffs=0))
    sample = middlebury(tmp_path, focal=7.0, baseline=9.0).load(0)  # what a file says comes first
    np.testing.assert_allclose(sample["intrinsics"], CAM0, rtol=1e-6)
    assert sample["baseline"] == pytest.approx(0.193001)
    np.testing.assert_allclose(sample["depth"], 80.5 * 0.193001 / 6, rtol=1e-6)
    np.testing.assert_array_equal(sample["image_right"], right)
    assert sample["meta"]["id"] == "plane"


@pytest.mark.parametrize("text", [calibration(cx1=36.25, doffs=3), calibration(cx1=36.25)], ids=["doffs", "cam1"])
def test_cameras_whose_principal_points_differ(tmp_path, text):
    """A disparity in the file is one of pixels; depth follows from it and the offset: Z = f B / (d + doffs)."""
    left, right = scene(tmp_path)
    (tmp_path / "plane/calib.txt").write_text(text)
    sample = middlebury(tmp_path).load(0)
    np.testing.assert_allclose(sample["depth"], 80.5 * 0.193001 / (6 + 3), rtol=1e-6)
    # As of any pair, depth gives the disparity between the sample's own images.
    np.testing.assert_array_equal(sample["image_right"][:, :-3], right[:, 3:])
    disparity = round(float(sample["intrinsics"][0, 0] * sample["baseline"] / sample["depth"][0, 0]))
    assert disparity == 9
    np.testing.assert_array_equal(sample["image"][:, disparity:], sample["image_right"][:, :-disparity])


def test_an_offset_that_leaves_no_depth(tmp_path):
    scene(tmp_path)
    (tmp_path / "plane/calib.txt").write_text(calibration(doffs=-7))
    user_error(lambda: middlebury(tmp_path).load(0), "plane/disp0.png: depth has 1920 negative of 1920 values")
    (tmp_path / "plane/calib.txt").write_text(calibration(doffs=-6))
    assert not middlebury(tmp_path).load(0)["valid_mask"].any()  # infinitely far


def test_an_offset_of_a_part_of_a_pixel(tmp_path):
    scene(tmp_path)
    smooth = cv2.GaussianBlur(pair_images()[1], (0, 0), 3)
    write_image(tmp_path / "plane/im1.png", smooth)
    (tmp_path / "plane/calib.txt").write_text(calibration(doffs=2.5))
    shifted = middlebury(tmp_path).load(0)["image_right"].astype(float)
    expected = (smooth[:, 2:-1].astype(float) + smooth[:, 3:]) / 2
    assert np.abs(shifted[:, :-3] - expected).max() <= 1


def test_a_calibration_of_the_full_size_and_images_of_half_of_it(tmp_path):
    _, right = scene(tmp_path)
    text = calibration(cx1=37.25, doffs=4, height=2 * SIZE[0], width=2 * SIZE[1])
    (tmp_path / "plane/calib.txt").write_text(text)
    sample = middlebury(tmp_path).load(0)
    expected = [[40.25, 0, (33.25 + 0.5) / 2 - 0.5], [0, 40.25, (14.5 + 0.5) / 2 - 0.5], [0, 0, 1]]
    np.testing.assert_allclose(sample["intrinsics"], expected, rtol=1e-6)
    np.testing.assert_allclose(sample["depth"], 40.25 * 0.193001 / (6 + 2), rtol=1e-6)
    np.testing.assert_array_equal(sample["image_right"][:, :-2], right[:, 2:])


OWN = {
    "rig.txt": "fx = 80.5\nfy = 80.5  # pixels\ncx: 33.25\ncy: 14.5\nbaseline = 0.193001\n",
    "calib.txt": "fx=80.5 fy=80.5 cx=33.25 cy=14.5 baseline=0.193001",
    "calib.json": json.dumps(dict(camera_matrix=CAM0, baseline=0.193001)),
    "intrinsics.json": json.dumps(dict(fx=80.5, fy=80.5, ppx=33.25, ppy=14.5, baseline=0.193001), indent=1),
}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("place", ["plane", "."])
def test_files_of_ones_own(tmp_path, name, place):
    scene(tmp_path)
    (tmp_path / place / name).write_text(OWN[name])
    sample = middlebury(tmp_path, calibration="rig.txt" if name == "rig.txt" else None).load(0)
    np.testing.assert_allclose(sample["intrinsics"], CAM0, rtol=1e-6)
    assert sample["baseline"] == 0.193001
    np.testing.assert_allclose(sample["depth"], 80.5 * 0.193001 / 6, rtol=1e-6)


def test_a_file_that_says_a_part_and_options_that_say_the_rest(tmp_path):
    scene(tmp_path)
    (tmp_path / "plane/intrinsics.txt").write_text("80.5 80.5 33.25 14.5")
    assert "baseline" not in middlebury(tmp_path).load(0)
    sample = middlebury(tmp_path, baseline=0.2).load(0)
    np.testing.assert_allclose(sample["intrinsics"], CAM0, rtol=1e-6)
    assert sample["baseline"] == 0.2
    (tmp_path / "plane/intrinsics.txt").write_text("focal: 70\nbaseline: 0.1")
    sample = middlebury(tmp_path).load(0)
    assert sample["intrinsics"][:2, :].tolist() == [[70, 0, 31.5], [0, 70, 14.5]] and sample["baseline"] == 0.1


def test_each_scene_has_its_own(tmp_path):
    for number, name in enumerate(("a/1", "a/2", "b/1")):
        folder = write_pairs(tmp_path / "train", [name], disparity=False) / "left" / name[0]
        (folder / "calib.txt").write_text(f"focal=60 baseline=0.{number + 1}")
    dataset = StereoPairDataset(str(tmp_path))
    assert [dataset.load(index)["baseline"] for index in range(3)] == [0.2, 0.2, 0.3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P0: 1 0 0 0\n", ["calib.txt: found", "fx fy cx cy"]),
        (calibration().replace("cam0=[80.5 0", "cam0=[80.5"), ["calib.txt, cam0: found"]),
        (calibration().replace("80.5 0 33.25", "-80.5 0 33.25"), ["calib.txt, cam0: intrinsics are"]),
        (calibration().replace("193.001", "mm"), ["calib.txt: baseline is 'mm', expected a number"]),
        (calibration(doffs="none"), ["calib.txt: doffs is 'none', expected a number"]),
        (calibration(doffs="inf"), ["calib.txt: doffs is inf, expected a number of pixels"]),
        (calibration(doffs="nan"), ["calib.txt: doffs is nan, expected a number of pixels"]),
        ("focal = x\n", ["calib.txt: focal is 'x', expected a number"]),
    ],
)
def test_files_that_describe_no_cameras(tmp_path, text, words):
    scene(tmp_path)
    (tmp_path / "plane/calib.txt").write_text(text)
    user_error(lambda: middlebury(tmp_path), *words)


@pytest.mark.parametrize("baseline", ["0", "-0.1", "nan", "5000", "1e-200"])
def test_a_baseline_or_a_focal_length_that_cannot_be(tmp_path, baseline):
    scene(tmp_path)
    (tmp_path / "plane/calib.txt").write_text(f"focal=60 baseline={baseline}")
    user_error(lambda: middlebury(tmp_path), "plane/calib.txt: the baseline is", "expected a positive one")
    (tmp_path / "plane/calib.txt").write_text(f"focal={baseline} baseline=0.1")
    if not float(baseline) > 0:
        user_error(lambda: middlebury(tmp_path), "plane/calib.txt: focal is", "expected a positive number")


def test_a_camera_of_another_aspect(tmp_path):
    scene(tmp_path)
    (tmp_path / "plane/calib.txt").write_text(calibration(height=100, width=100))
    user_error(lambda: middlebury(tmp_path).load(0), "the image is 30x64, and its camera is known for 100x100")


def test_the_config_of_middlebury(tmp_path):
    scene(tmp_path)
    cfg = load_config(str(ROOT / "configs/garg/alexnet_middlebury.py"), data_root=str(tmp_path))
    train, val, test = (
        DATASETS.build(loader.dataset) for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader)
    )
    assert len(train) == len(val) == len(test) == 1 and "depth" not in train[0]
    np.testing.assert_allclose(val[0]["depth"], 1000 * 0.1 / 6, rtol=1e-6)  # at its own size
    assert train[0]["image_right"].shape == val[0]["image_right"].shape == (3, 192, 320)
    (tmp_path / "plane/calib.txt").write_text(calibration(doffs=0))
    np.testing.assert_allclose(DATASETS.build(cfg.val_dataloader.dataset)[0]["depth"], 80.5 * 0.193001 / 6, rtol=1e-6)


@pytest.mark.skipif(not (REAL_DATA / "middlebury").is_dir(), reason=f"no Middlebury pairs in {REAL_DATA}")
def test_real_pairs_match_under_their_disparity_and_not_beside_it():
    dataset = middlebury(REAL_DATA / "middlebury", focal=1000.0, baseline=0.1)
    assert len(dataset) == 12
    for index in range(12):
        sample = dataset.load(index)
        rows, columns = np.nonzero(sample["valid_mask"])
        disparity = sample["intrinsics"][0, 0] * sample["baseline"] / sample["depth"][rows, columns]
        errors = {}
        for shift in (-4, -2, 0, 2, 4):
            there = np.rint(columns - disparity - shift).astype(int)
            inside = (there >= 0) & (there < sample["image"].shape[1])
            left = sample["image"][rows[inside], columns[inside]].astype(float)
            errors[shift] = np.abs(left - sample["image_right"][rows[inside], there[inside]]).mean()
        assert errors[0] < 0.9 * min(errors[-2], errors[2]) < min(errors[-4], errors[4]), sample["meta"]["id"]
