"""The calibration of KITTI raw (Geiger et al., IJRR 2013): one set of files for all drives of a date."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mdetools.errors import UserError

__all__ = ["LEFT", "RIGHT", "StereoCalibration", "read_stereo_calibration", "read_velodyne_projections"]

LEFT = 2  # the colour cameras, as KITTI counts them
RIGHT = 3
CAMERAS_FILE, VELODYNE_FILE = "calib_cam_to_cam.txt", "calib_velo_to_cam.txt"


class StereoCalibration(NamedTuple):
    """The rectified colour pair."""

    intrinsics: dict[int, np.ndarray]  # camera (LEFT, RIGHT) to float32 (3, 3), pixels of the rectified image
    baseline: float  # metres, positive


def read_matrices(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Reads some of the lines `<key>: <number> ...` of a calibration file.

    Args:
        path: of the file.
        shapes: key to shape; numbers are in row-major order.

    Returns:
        key to float64 array.

    Raises:
        UserError: if the file or a key is missing, or the key's values are no numbers or of another count.
    """
    if not path.is_file():
        raise UserError(f"no calibration file {path}; copy it from the raw data's calibration archive of that date")
    lines = dict(line.split(":", 1) for line in path.read_text(errors="replace").splitlines() if ":" in line)
    matrices = {}
    for key, shape in shapes.items():
        count = int(np.prod(shape))
        if key not in lines:
            raise UserError(f"{path}: no line '{key}:', expected one with {count} numbers; copy the file again")
        try:
            matrices[key] = np.array(lines[key].split(), dtype=np.float64).reshape(shape)
        except ValueError as error:
            found = lines[key].strip()
            raise UserError(f"{path}: '{key}: {found}', expected {count} numbers; copy the file again") from error
    return matrices


def read_stereo_calibration(folder: Path) -> StereoCalibration:
    """Intrinsics and baseline from `P_rect_02` and `P_rect_03`.

    The fourth column of `P_rect_0c` is focal length x the camera's offset from camera 0, so that the baseline is the
    difference of the two over the focal length (0.5327 m on 2011_09_26, where 0.54 m is the nominal value).

    Args:
        folder: `<data_root>/<date>`.

    Raises:
        UserError: as `read_matrices`.
    """
    shapes = {f"P_rect_0{camera}": (3, 4) for camera in (LEFT, RIGHT)}
    matrices = read_matrices(folder / CAMERAS_FILE, shapes)
    left, right = matrices[f"P_rect_0{LEFT}"], matrices[f"P_rect_0{RIGHT}"]
    intrinsics = {LEFT: left[:, :3].astype(np.float32), RIGHT: right[:, :3].astype(np.float32)}
    return StereoCalibration(intrinsics, float(left[0, 3] / left[0, 0] - right[0, 3] / right[0, 0]))


def read_velodyne_projections(folder: Path) -> dict[int, np.ndarray]:
    """The projections from the laser scanner to the rectified images: `P_rect_0c` x `R_rect_00` x velodyne to camera 0.

    Args:
        folder: `<data_root>/<date>`.

    Returns:
        camera (LEFT, RIGHT) to float64 (3, 4), which takes (x, y, z, 1) of a point in metres in the scanner's frame to
        (column x depth, row x depth, depth), with depth in metres along that camera's optical axis.

    Raises:
        UserError: as `read_matrices`.
    """
    shapes = {"R_rect_00": (3, 3)} | {f"P_rect_0{camera}": (3, 4) for camera in (LEFT, RIGHT)}
    cameras = read_matrices(folder / CAMERAS_FILE, shapes)
    scanner = read_matrices(folder / VELODYNE_FILE, {"R": (3, 3), "T": (3, 1)})
    rectified = np.eye(4)
    rectified[:3] = cameras["R_rect_00"] @ np.hstack([scanner["R"], scanner["T"]])
    return {camera: cameras[f"P_rect_0{camera}"] @ rectified for camera in (LEFT, RIGHT)}
