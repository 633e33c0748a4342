"""The doctor against stereo pairs with one fault each."""

import shutil

import cv2
import numpy as np
import pytest
from support.doctored import config_of, names_found

from mdetools.synthetic.writers.kitti import KITTISettings, write_kitti

LEFT, RIGHT = "image_02/data", "image_03/data"


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    """Ray-cast streets: 8 training and 2 validation pairs with scans."""
    root = tmp_path_factory.mktemp("streets")
    list(write_kitti(root, KITTISettings(94, 310), {"train": 8, "val": 2}, 1))
    return root


def drives(root):
    return sorted(path for path in root.glob("*/*_sync"))


def swap(root):
    for drive in drives(root):
        for one, other in ((LEFT, "kept"), (RIGHT, LEFT), ("kept", RIGHT)):
            (drive / one).rename(drive / other)


def of_right(change):
    """A fault of the right images."""

    def apply(root):
        for path in root.rglob(f"{RIGHT}/*.png"):
            cv2.imwrite(str(path), change(cv2.imread(str(path))))

    return apply


def right_is_left(root):
    for path in root.rglob(f"{LEFT}/*.png"):
        shutil.copy(path, path.parents[2] / RIGHT / path.name)


def rotate(image):
    height, width = image.shape[:2]
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((width / 2, height / 2), 4, 1), (width, height))


def from_another_drive(root):
    paths = sorted(root.rglob(f"{RIGHT}/*.png"))
    images = [path.read_bytes() for path in paths]
    for index, path in enumerate(paths):
        path.write_bytes(images[(index + 4) % len(images)])


def wrong_baseline(root):
    """The right camera at 0.2 of its distance."""
    for path in root.rglob("calib_cam_to_cam.txt"):
        lines = path.read_text().splitlines()
        values = {
            line.split(": ")[0]: np.array(line.split(": ")[1].split(), object) for line in lines if "P_rect" in line
        }
        left, right = (values[f"P_rect_0{camera}"] for camera in (2, 3))
        right[3] = str(float(left[3]) + 0.2 * (float(right[3]) - float(left[3])))
        path.write_text(
            "\n".join(f"P_rect_03: {' '.join(right)}" if line.startswith("P_rect_03") else line for line in lines)
            + "\n"
        )


FAULTS = {
    "swapped": (swap, {"stereo_swapped"}, None),
    "rows off": (of_right(lambda image: np.roll(image, 3, 0)), {"stereo_rows"}, None),
    "rotated": (of_right(rotate), {"stereo_rows"}, None),
    "one image twice": (right_is_left, {"stereo_same"}, None),
    "of other frames": (from_another_drive, {"stereo_unmatched"}, None),
    "a wrong baseline": (wrong_baseline, {"stereo_scale"}, "velodyne"),
    "mirrored": (of_right(np.fliplr), {"stereo_unmatched"}, None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_pairs(tmp_path, streets, fault):
    change, expected, depth = FAULTS[fault]
    root = shutil.copytree(streets, tmp_path / "data")
    change(root)
    names, findings = names_found(config_of(root, "KITTIDataset", (1e-3, 120), depth_source=depth, splits=("train",)))
    assert names == expected, [finding.line for finding in findings]


@pytest.mark.parametrize("depth", [None, "velodyne"])
def test_without_a_fault(streets, depth):
    names, findings = names_found(config_of(streets, "KITTIDataset", (1e-3, 120), depth_source=depth))
    assert names == set(), [finding.line for finding in findings]
