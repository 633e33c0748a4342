"""The sensors on KITTI's car, and the calibration files that describe them.

Numbers are those of the day 2011_09_26 (Geiger et al., "Vision meets robotics", IJRR 2013). Points in the velodyne's
frame (x forward, y left, z up) are brought into that of the rectified camera i by
`R_rect_00 (R x + T) - (offset_i, 0, 0)`, and onto its image by the left 3x3 block of `P_rect_0i`.
"""

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, Pose, kitti_intrinsics

__all__ = ["BASELINE", "CAMERA_OFFSETS", "calibration_files", "camera_at", "velodyne_at", "velodyne_depth"]

BASELINE = 0.532719  # metres between the cameras 2 and 3
# Of the four cameras along the x axis of camera 0, metres; 2 and 3 are the colour cameras.
CAMERA_OFFSETS = (0.0, 0.5371506, -0.0621691, -0.0621691 + BASELINE)
RECTIFICATION = np.array(
    [
        [9.999239e-01, 9.837760e-03, -7.445048e-03],
        [-9.869795e-03, 9.999421e-01, -4.278459e-03],
        [7.402527e-03, 4.351614e-03, 9.999631e-01],
    ]
)
VELODYNE_ROTATION = np.array(
    [
        [7.533745e-03, -9.999714e-01, -6.166020e-04],
        [1.480249e-02, 7.280733e-04, -9.998902e-01],
        [9.998621e-01, 7.523790e-03, 1.480755e-02],
    ]
)
VELODYNE_TRANSLATION = np.array([-4.069766e-03, -7.631618e-02, -2.717806e-01])


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
    """Sparse depth (H, W) float32 of a scan (N, 4) in camera 2: metres, 0 where none falls; the nearest point wins."""
    points = RECTIFICATION @ (VELODYNE_ROTATION @ scan[:, :3].T + VELODYNE_TRANSLATION[:, None])
    points[0] -= CAMERA_OFFSETS[2]
    points = points[:, points[2] > 0.5]
    (fx, _, cx), (_, fy, cy) = kitti_intrinsics(height, width)[:2]
    u, v = np.rint(fx * points[0] / points[2] + cx), np.rint(fy * points[1] / points[2] + cy)
    inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    order = np.argsort(-points[2, inside], kind="stable")  # the last of those written to one pixel stays
    depth = np.zeros((height, width), np.float32)
    depth[v[inside][order].astype(int), u[inside][order].astype(int)] = points[2, inside][order]
    return depth


def calibration_files(height: int, width: int) -> dict[str, str]:
    """Text of `calib_cam_to_cam.txt` and `calib_velo_to_cam.txt` for images of that size, by their names.

    The cameras before rectification are ideal ones too: parallel, without distortion, and turned against the
    rectified frame by `R_rect_00`.
    """
    intrinsics = kitti_intrinsics(height, width)
    cameras: dict[str, object] = {"calib_time": "09-Jan-2012 13:57:47", "corner_dist": [0.0995]}
    for index, offset in enumerate(CAMERA_OFFSETS):
        projection = np.concatenate([intrinsics, [[-intrinsics[0, 0] * offset], [0], [0]]], axis=1)
        cameras |= {
            f"S_{index:02d}": [width, height],
            f"K_{index:02d}": intrinsics,
            f"D_{index:02d}": np.zeros(5),
            f"R_{index:02d}": np.eye(3),
            f"T_{index:02d}": RECTIFICATION.T @ [-offset, 0, 0],
            f"S_rect_{index:02d}": [width, height],
            f"R_rect_{index:02d}": RECTIFICATION,
            f"P_rect_{index:02d}": projection,
        }
    velodyne = {
        "calib_time": "15-Mar-2012 11:37:16",
        "R": VELODYNE_ROTATION,
        "T": VELODYNE_TRANSLATION,
        "delta_f": np.zeros(2),
        "delta_c": np.zeros(2),
    }
    return {"calib_cam_to_cam.txt": _as_text(cameras), "calib_velo_to_cam.txt": _as_text(velodyne)}


def _as_text(entries: dict) -> str:
    """Lines `key: values` as in the official files."""
    lines = []
    for key, value in entries.items():
        text = value if isinstance(value, str) else " ".join(f"{number:.6e}" for number in np.ravel(value))
        lines.append(f"{key}: {text}\n")
    return "".join(lines)
