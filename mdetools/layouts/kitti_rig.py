"""The sensors on KITTI's car, as they were calibrated for its most used day, 2011_09_26 (Geiger et al., IJRR 2013).

Points in the velodyne's frame (x forward, y left, z up) are brought into that of the rectified camera i by
`R_rect_00 (R x + T) - (offset_i, 0, 0)`, and onto its image by the left 3x3 block of `P_rect_0i`.
"""

import numpy as np

from mdetools.geometry import fit_intrinsics

__all__ = [
    "BASELINE",
    "CAMERA_OFFSETS",
    "DATE",
    "RECTIFICATION",
    "VELODYNE_ROTATION",
    "VELODYNE_TRANSLATION",
    "kitti_intrinsics",
    "rig_calibration",
]

DATE = "2011_09_26"
SIZE = (375, 1242)
INTRINSICS = np.array([[721.5377, 0, 609.5593], [0, 721.5377, 172.854], [0, 0, 1]], np.float32)
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


def kitti_intrinsics(height: int, width: int) -> np.ndarray:
    """Intrinsics (3, 3) float32 of the rectified cameras at another size; see `fit_intrinsics`."""
    return fit_intrinsics(INTRINSICS, SIZE, height, width)


def rig_calibration(height: int, width: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What the two calibration files say for images of that size: for each its keys with their values.

    The cameras before rectification are ideal ones too: parallel, without distortion, and turned against the
    rectified frame by `R_rect_00`.
    """
    intrinsics, size = kitti_intrinsics(height, width), np.array([width, height])
    cameras = {"corner_dist": np.array([0.0995])}
    for camera, offset in enumerate(CAMERA_OFFSETS):
        projection = np.concatenate([intrinsics, [[-intrinsics[0, 0] * offset], [0], [0]]], axis=1)
        cameras |= {
            f"S_{camera:02d}": size,
            f"K_{camera:02d}": intrinsics,
            f"D_{camera:02d}": np.zeros(5),
            f"R_{camera:02d}": np.eye(3),
            f"T_{camera:02d}": RECTIFICATION.T @ [-offset, 0, 0],
            f"S_rect_{camera:02d}": size,
            f"R_rect_{camera:02d}": RECTIFICATION,
            f"P_rect_{camera:02d}": projection,
        }
    velodyne = {"R": VELODYNE_ROTATION, "T": VELODYNE_TRANSLATION, "delta_f": np.zeros(2), "delta_c": np.zeros(2)}
    return cameras, velodyne
