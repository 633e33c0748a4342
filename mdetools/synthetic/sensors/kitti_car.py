"""Where the sensors of KITTI's car are, given the pose of its rectified camera 0."""

import numpy as np

from mdetools.geometry import project_points
from mdetools.layouts.kitti import LEFT
from mdetools.layouts.kitti_calibration import velodyne_projections
from mdetools.layouts.kitti_rig import (
    CAMERA_OFFSETS,
    RECTIFICATION,
    VELODYNE_ROTATION,
    VELODYNE_TRANSLATION,
    kitti_intrinsics,
    rig_calibration,
)
from mdetools.synthetic.raycast.camera import Camera, Pose

__all__ = ["camera_at", "velodyne_at", "velodyne_depth"]


def camera_at(pose: Pose, index: int, height: int, width: int) -> Camera:
    """Rectified camera 0 to 3 of a car whose rectified camera 0 has that pose, with images of that size."""
    position = pose.position + pose.rotation[:, 0] * np.float32(CAMERA_OFFSETS[index])
    return Camera(kitti_intrinsics(height, width), pose.rotation, position)


def velodyne_at(pose: Pose) -> Pose:
    """The velodyne of a car whose rectified camera 0 has that pose."""
    rotation = pose.rotation.astype(np.float64) @ RECTIFICATION
    position = pose.position + rotation @ VELODYNE_TRANSLATION
    return Pose((rotation @ VELODYNE_ROTATION).astype(np.float32), position.astype(np.float32))


def velodyne_depth(scan: np.ndarray, height: int, width: int) -> np.ndarray:
    """Sparse depth (H, W) float32 of a scan (N, 4) in the left camera: metres, 0 where none falls."""
    projections = velodyne_projections(*rig_calibration(height, width))
    return project_points(scan, projections[LEFT], height, width)
