"""The two calibration files of KITTI raw (Geiger et al., IJRR 2013), which all drives of a date share: read, written.

Both hold lines `<key>: <number> ...`, matrices row by row. `CAMERA_SHAPES` and `VELODYNE_SHAPES` say which.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mdetools.errors import UserError, one_line
from mdetools.files import write_text
from mdetools.layouts.kitti import CAMERAS_FILE, LEFT, RIGHT, VELODYNE_FILE
from mdetools.reading import is_file, read_lines

__all__ = [
    "CAMERA_SHAPES",
    "P_RECT",
    "VELODYNE_SHAPES",
    "StereoCalibration",
    "read_stereo_calibration",
    "read_velodyne_projections",
    "velodyne_projections",
    "write_calibration",
]

Matrices = Mapping[str, np.ndarray]  # by key
Shapes = Mapping[str, tuple[int, ...]]

# Of each camera before rectification: size (width, height), intrinsics, distortion, pose; of the rectified one: size,
# rotation, projection.
ONE_CAMERA = {"S": (2,), "K": (3, 3), "D": (5,), "R": (3, 3), "T": (3, 1)}
ONE_CAMERA |= {"S_rect": (2,), "R_rect": (3, 3), "P_rect": (3, 4)}
CAMERA_SHAPES = {"corner_dist": (1,)}
CAMERA_SHAPES |= {f"{key}_{camera:02d}": shape for camera in range(4) for key, shape in ONE_CAMERA.items()}
VELODYNE_SHAPES = {"R": (3, 3), "T": (3, 1), "delta_f": (2,), "delta_c": (2,)}  # the pose in camera 0's frame
CAMERAS_TIME, VELODYNE_TIME = "09-Jan-2012 13:57:47", "15-Mar-2012 11:37:16"  # of the official files
LARGEST = 1e6  # of any number in the files, whatever its unit

P_RECT = {camera: f"P_rect_{camera:02d}" for camera in (LEFT, RIGHT)}


class StereoCalibration(NamedTuple):
    """The rectified colour pair, or what is known of it."""

    intrinsics: dict[int, np.ndarray]  # camera (LEFT, RIGHT) to float32 (3, 3), pixels of the rectified image
    baseline: float | None  # metres, positive if the file is right; None if it has one camera alone


def read_stereo_calibration(folder: Path, needed: Iterable[int] = (LEFT, RIGHT)) -> StereoCalibration:
    """Intrinsics and baseline from `P_rect_02` and `P_rect_03`.

    The fourth column of `P_rect_0c` is focal length x the camera's offset from camera 0, so that the baseline is the
    difference of the two over the focal length (0.5327 m on 2011_09_26, where 0.54 m is the nominal value).

    Args:
        folder: `<data_root>/<date>`.
        needed: the cameras whose line must be there.

    Raises:
        UserError: as `read_matrices`.
    """
    needed = [P_RECT[camera] for camera in needed]
    matrices = read_matrices(folder / CAMERAS_FILE, CAMERA_SHAPES, needed, P_RECT.values())
    there = [camera for camera, key in P_RECT.items() if key in matrices]
    intrinsics = {camera: matrices[P_RECT[camera]][:, :3].astype(np.float32) for camera in there}
    if there != [LEFT, RIGHT]:
        return StereoCalibration(intrinsics, None)
    left, right = (matrices[P_RECT[camera]] for camera in there)
    with np.errstate(
        divide="ignore", invalid="ignore", over="ignore"
    ):  # of a focal length of 0, which is left to checks
        baseline = float(left[0, 3] / left[0, 0] - right[0, 3] / right[0, 0])
    return StereoCalibration(intrinsics, baseline)


def read_velodyne_projections(folder: Path, needed: Iterable[int] = (LEFT, RIGHT)) -> dict[int, np.ndarray]:
    """The projections from the laser scanner to the rectified images, see `velodyne_projections`.

    Args:
        folder: `<data_root>/<date>`.
        needed: the cameras whose line must be there.

    Raises:
        UserError: as `read_matrices`.
    """
    needed = ["R_rect_00", *(P_RECT[camera] for camera in needed)]
    cameras = read_matrices(folder / CAMERAS_FILE, CAMERA_SHAPES, needed, P_RECT.values())
    return velodyne_projections(cameras, read_matrices(folder / VELODYNE_FILE, VELODYNE_SHAPES, ["R", "T"]))


def velodyne_projections(cameras: Matrices, velodyne: Matrices) -> dict[int, np.ndarray]:
    """The projections from the laser scanner to the rectified images: `P_rect_0c` x `R_rect_00` x velodyne to camera 0.

    Args:
        cameras: has `R_rect_00`, and `P_rect_02`, `P_rect_03` or both.
        velodyne: has `R` and `T`.

    Returns:
        each of these cameras (LEFT, RIGHT) to float64 (3, 4), which takes (x, y, z, 1) of a point in metres in the
        scanner's frame to (column x depth, row x depth, depth), with depth in metres along that camera's optical axis.
    """
    rectified = np.eye(4)
    rectified[:3] = cameras["R_rect_00"] @ np.hstack([velodyne["R"], np.reshape(velodyne["T"], (3, 1))])
    return {camera: cameras[key] @ rectified for camera, key in P_RECT.items() if key in cameras}


def read_matrices(path: Path, shapes: Shapes, keys: Iterable[str], wanted: Iterable[str] = ()) -> dict[str, np.ndarray]:
    """Reads some of the lines of a calibration file.

    Args:
        path: of the file.
        shapes: of its keys.
        keys: those that must be there.
        wanted: those to read if they are there.

    Returns:
        key to float64 array.

    Raises:
        UserError: if the file or a key is missing, or the key's values are no numbers, of another count, or not finite.
    """
    if not is_file(path):
        raise UserError(f"no calibration file {path}; copy it from the raw data's calibration archive of that date")
    text = read_lines(path, f"lines of numbers such as '{next(iter(shapes))}:'")
    lines = dict(line.split(":", 1) for line in text if ":" in line)
    matrices = {}
    for key in dict.fromkeys([*keys, *(key for key in wanted if key in lines)]):
        count = int(np.prod(shapes[key]))
        if key not in lines:
            raise UserError(f"{path}: no line '{key}:', expected one with {count} numbers; copy the file again")
        try:
            matrices[key] = np.array(lines[key].split(), dtype=np.float64).reshape(shapes[key])
            if not (np.abs(matrices[key]) <= LARGEST).all():  # True of no NaN
                raise ValueError(f"a number that is not finite, or beyond {LARGEST:g}")
        except ValueError as error:
            found = one_line(lines[key].strip(), 200)
            raise UserError(
                f"{path}: '{key}: {found}', expected {count} numbers up to {LARGEST:g}; copy the file again"
            ) from error
    return matrices


def write_calibration(folder: Path, cameras: Matrices, velodyne: Matrices) -> None:
    """Writes both files of a date, with the keys that are given in the official order.

    Args:
        folder: `<data_root>/<date>`.
        cameras: some of the keys of `CAMERA_SHAPES`, with their values.
        velodyne: some of the keys of `VELODYNE_SHAPES`, with their values.

    Raises:
        UserError: if a file cannot be written.
    """
    write_text(folder / CAMERAS_FILE, format_matrices(CAMERAS_TIME, CAMERA_SHAPES, cameras))
    write_text(folder / VELODYNE_FILE, format_matrices(VELODYNE_TIME, VELODYNE_SHAPES, velodyne))


def format_matrices(time: str, shapes: Shapes, matrices: Matrices) -> str:
    """The text of a calibration file."""
    values = {key: np.reshape(matrices[key], shape).ravel() for key, shape in shapes.items() if key in matrices}
    assert len(values) == len(matrices), f"keys that no file has: {set(matrices) - set(values)}"
    lines = [f"{key}: " + " ".join(f"{number:.6e}" for number in numbers) for key, numbers in values.items()]
    return "\n".join([f"calib_time: {time}", *lines]) + "\n"
