"""A ray-cast stereo pair with its exact disparity, for the tests of whatever warps one image onto the other."""

from dataclasses import dataclass

import numpy as np

from mdetools.layouts.kitti_rig import BASELINE
from mdetools.synthetic.raycast.stereo import photograph_pair
from mdetools.synthetic.sensors.kitti_car import camera_at
from mdetools.synthetic.streets.street import sample_street

__all__ = ["StreetPair", "street_pair"]


@dataclass
class StreetPair:
    """`left` and `right` uint8 (3, H, W); `disparity` (H, W) float64 of the left image, pixels, 0 in the sky; `visible`
    (H, W) bool: both right pixels between which left(x) lies show what is at the left one."""

    left: np.ndarray
    right: np.ndarray
    disparity: np.ndarray
    visible: np.ndarray


def street_pair(seed, height=188, width=620, frame=0):
    """Frame `frame` of street `seed`."""
    street = sample_street(np.random.default_rng(seed), frame + 1)
    scene, pose = street.scene(frame), street.poses[frame]
    cameras = [camera_at(pose, index, height, width) for index in (2, 3)]
    pair = photograph_pair(scene, *cameras, height, width, np.random.default_rng(seed))
    left, right = float(cameras[0].intrinsics[0, 0]) * BASELINE / pair.depth.astype(np.float64)
    at = np.arange(width) - left
    column = np.floor(at).astype(int)
    inside = (column >= 0) & (column < width - 1)
    column = np.clip(column, 0, width - 2)
    row = np.arange(height)[:, None]
    same = [np.abs(right[row, column + step] - left) < 0.5 + 0.02 * left for step in (0, 1)]
    return StreetPair(*pair.images, left, inside & same[0] & same[1])
