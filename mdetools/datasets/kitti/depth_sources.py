"""The kinds of ground truth that KITTI has. Each reads the depth that a frame's own camera sees.

`what` names a kind's files, `cure` says what to do if there are none, and `paths(frame)` where a frame's may lie.
"""

from pathlib import Path

import numpy as np

from mdetools.datasets.kitti.frame import KITTIFrame
from mdetools.datasets.readers.png16 import read_png16
from mdetools.datasets.readers.velodyne import read_scan
from mdetools.datasets.rgbd.depth_kinds import depth_of_disparity
from mdetools.errors import UserError
from mdetools.geometry import project_points
from mdetools.layouts.kitti import annotated_path, disparity_path, scan_path
from mdetools.layouts.kitti_calibration import StereoCalibration, read_velodyne_projections
from mdetools.reading import is_file

__all__ = ["AnnotatedSource", "DisparitySource", "VelodyneSource"]

PNG_SCALE = 256  # of metres and of pixels of disparity alike


class VelodyneSource:
    """Sparse depth from `<data_root>/<date>/<drive>/velodyne_points/data/<frame>.bin`.

    Args:
        data_root: folder of the raw data.
        offset: see `project_points`.
    """

    what = "velodyne scan"
    cure = "copy the velodyne_points of the drives there, or set another depth_source"

    def __init__(self, data_root: Path, offset: int = 0) -> None:
        self.data_root = data_root
        self.offset = offset
        self.projections: dict[str, dict[int, np.ndarray]] = {}  # by date

    def paths(self, frame: KITTIFrame) -> list[Path]:
        """Where the scan lies."""
        return [self.data_root / scan_path(frame.drive, frame.number)]

    def read(self, frame: KITTIFrame, calibration: StereoCalibration, size: tuple[int, int]) -> np.ndarray:
        """Depth (H, W) float32 in metres at the image's `size`, 0 where unknown.

        Raises:
            UserError: if the scan or a calibration file is missing or damaged.
        """
        if frame.date not in self.projections:
            self.projections[frame.date] = read_velodyne_projections(self.data_root / frame.date, [frame.camera])
        scan = read_scan(self.paths(frame)[0])
        return project_points(scan, self.projections[frame.date][frame.camera], *size, self.offset)


class AnnotatedSource:
    """Depth-annotated PNGs of KITTI's depth completion set (Uhrig et al., 3DV 2017): metres x 256.

    They lie at `<folder>/proj_depth/groundtruth/image_0{2,3}/<frame>.png`, where the folder is the drive's own, or, as
    the archive unpacks, `<data_root>/train/<drive>` or `<data_root>/val/<drive>`.

    Args:
        data_root: folder of the raw data.
    """

    what = "depth-annotated PNG"
    cure = "unpack KITTI's data_depth_annotated into the data root, or set another depth_source"

    def __init__(self, data_root: Path) -> None:
        self.data_root = data_root

    def paths(self, frame: KITTIFrame) -> list[Path]:
        """Where the PNG may lie."""
        drive = frame.drive.split("/")[1]
        folders = [frame.drive, f"train/{drive}", f"val/{drive}"]
        return [self.data_root / annotated_path(folder, frame.number, frame.camera) for folder in folders]

    def read(self, frame: KITTIFrame, calibration: StereoCalibration, size: tuple[int, int]) -> np.ndarray:
        """Depth (H, W) float32 in metres, 0 where unknown.

        Raises:
            UserError: if the PNG is missing or unreadable.
        """
        paths = self.paths(frame)
        for path in paths:
            if is_file(path):
                return read_png16(path, PNG_SCALE)
        elsewhere = " or ".join(str(path.parents[3]) for path in paths[1:])
        raise UserError(
            f"no depth-annotated PNG {paths[0]}, nor below {elsewhere}; unpack KITTI's data_depth_annotated into the "
            "data root, or leave the frame out of the split"
        )


class DisparitySource:
    """Disparity maps of the left image in the format of KITTI Stereo 2015: pixels x 256; depth is f x B / disparity.

    Args:
        disparity_root: has `<drive>/<frame>.png`.
    """

    what = "disparity map"
    cure = "set disparity_root to the folder that has <drive>/<frame>.png"

    def __init__(self, disparity_root: Path) -> None:
        self.disparity_root = disparity_root

    def paths(self, frame: KITTIFrame) -> list[Path]:
        """Where the map lies."""
        return [self.disparity_root / disparity_path(frame.drive, frame.number)]

    def read(self, frame: KITTIFrame, calibration: StereoCalibration, size: tuple[int, int]) -> np.ndarray:
        """Depth (H, W) float32 in metres, 0 where unknown.

        Raises:
            UserError: if the PNG is missing or unreadable, or the frame is a right one.
        """
        if frame.side == "r":
            raise UserError("disparity maps belong to left images, and this is a right one; write l for its side")
        (path,) = self.paths(frame)
        if not is_file(path):
            raise UserError(f"no disparity map {path}; {self.cure}")
        disparity = read_png16(path, PNG_SCALE)
        focal_baseline = np.float32(calibration.intrinsics[frame.camera][0, 0] * calibration.baseline)
        return depth_of_disparity(disparity, focal_baseline)
