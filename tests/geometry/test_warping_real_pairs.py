"""The sign and scale of disparity on photographs: warping by the true disparity must bring the right image home."""

import cv2
import numpy as np
import pytest
import torch
from support.paths import REAL_DATA

from mdetools.geometry import warp_horizontally

MIDDLEBURY = [
    "Adirondack", "Art", "Cloth3", "Dolls", "Moebius", "Motorcycle", "Wood2", "barn2", "cones", "poster", "teddy",
    "tsukuba",
]  # fmt: skip
KITTI = [11, 22, 33, 43, 54, 65, 76, 89, 107, 117, 127, 144]
DRIVE = "2011_09_26_drive_9003_sync"


def read_image(path):
    return torch.from_numpy(cv2.imread(str(path))).permute(2, 0, 1)[None].float() / 255


def error_ratio(left_path, right_path, disparity_path):
    """Mean absolute difference to the left image without a warp, over that with the true one, where it is known."""
    if not left_path.exists():
        pytest.skip(f"{left_path} is not there")
    left, right = read_image(left_path), read_image(right_path)
    disparity = torch.from_numpy(cv2.imread(str(disparity_path), cv2.IMREAD_UNCHANGED).astype(np.float32) / 256)
    disparity = disparity[None, None]
    warped, inside = warp_horizontally(right, disparity)
    known = ((disparity > 0) & inside).expand_as(left)
    assert known.float().mean() > 0.1
    return ((right - left).abs()[known].mean() / (warped - left).abs()[known].mean()).item()


@pytest.mark.parametrize("scene", MIDDLEBURY)
def test_middlebury(scene):
    folder = REAL_DATA / "middlebury" / scene
    assert error_ratio(folder / "im0.png", folder / "im1.png", folder / "disp0.png") > 2


@pytest.mark.parametrize("frame", KITTI)
def test_kitti(frame):
    drive = REAL_DATA / "kitti_raw" / "2011_09_26" / DRIVE
    left, right = (drive / f"image_0{camera}" / "data" / f"{frame:010d}.jpg" for camera in (2, 3))
    assert error_ratio(left, right, REAL_DATA / "kitti_disp_occ" / DRIVE / f"{frame:010d}.png") > 2
