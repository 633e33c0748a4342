"""KITTI raw (Geiger et al., IJRR 2013): rectified colour pairs with LiDAR."""

import warnings
from functools import partial
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_baseline, check_depth, check_intrinsics, check_pair
from mdetools.datasets.kitti.depth_sources import AnnotatedSource, DisparitySource, VelodyneSource
from mdetools.datasets.kitti.frame import KITTIFrame
from mdetools.datasets.kitti.on_disk import find_image, tell_of_missing, without_file, without_image
from mdetools.datasets.kitti.split_list import read_split
from mdetools.datasets.readers.ground_truth_file import GroundTruthFile
from mdetools.datasets.readers.image import read_image, read_pair
from mdetools.datasets.transforms.geometric import flip_sample
from mdetools.errors import UserError, suggest
from mdetools.layouts.kitti import CAMERAS_FILE, LEFT, RIGHT
from mdetools.layouts.kitti_calibration import P_RECT, StereoCalibration, read_stereo_calibration
from mdetools.registry import DATASETS

__all__ = ["KITTIDataset"]

SOURCES = {
    "velodyne": VelodyneSource,
    "velodyne_devkit": partial(VelodyneSource, offset=1),
    "annotated": AnnotatedSource,
    "disparity": DisparitySource,
}


@DATASETS.register_module()
class KITTIDataset(BaseDataset):
    """KITTI in the raw layout, or any data in it.

    Read are `<data_root>/<date>/<drive>/image_0{2,3}/data/<frame>.png` (or `.jpg`, `.jpeg`), ten digits, and the date's
    `calib_cam_to_cam.txt`. A line of side `r` is the mirrored pair: both images flipped and swapped, and intrinsics and
    depth are those of camera 3, flipped; so that left(x) = right(x - disparity) in all samples. `meta["id"]` is the
    line of the split, the frame's number without leading zeros.

    >>> pairs = KITTIDataset("data/kitti", "garg_train", pipeline=[dict(type="PackSample")])  # doctest: +SKIP
    >>> pairs[0]["image_right"].shape  # doctest: +SKIP
    torch.Size([3, 375, 1242])

    Args:
        data_root: folder of the data set.
        split: path of a .txt file of `<date>/<drive> <frame> <side>` lines, or the name of one in `data_root`, or of a
            shipped one: eigen_test, eigen_test_annotated, eigen_train, eigen_val, garg_train, garg_test. Lists of
            images with their depth, as in BTS and Depth Anything, are read too, whatever folder their paths begin with;
            frames with `None` for their annotated depth are left out where it is asked for, and counted.
        depth_source: None gives no depth.
            `velodyne`: the LiDAR scan, in the pixel where the calibration projects it to (agrees with KITTI's own
            disparity maps to 0.06 pixels).
            `velodyne_devkit`: the same one column to the left and one row up (0.24 pixels off those maps), from taking
            the projection for MATLAB's 1-based pixels. Published scores against raw LiDAR are made so, from Eigen et
            al. (2014) on; take it to compare with them.
            `annotated`: depth-annotated PNGs, see `AnnotatedSource`.
            `disparity`: disparity maps of left images, see `DisparitySource`.
        pipeline: configs of transforms, see `BaseDataset`.
        stereo: False leaves `image_right` out; only the images and the calibration of a line's own camera need be
            there then. `baseline` is missing if the date's file has one camera alone.
        disparity_root: folder of `<drive>/<frame>.png` disparity maps; None is `<data_root>/disparity`.
        ground_truth: a file of `tools/export_ground_truth.py` to read the depth from, instead of its source;
            `depth_source` must then be None or what the file was made from.

    Raises:
        UserError: if the split is missing or malformed, or none of its frames is there, or an argument is wrong.
    """

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        depth_source: str | None = None,
        pipeline: Pipeline = (),
        stereo: bool = True,
        disparity_root: str | None = None,
        ground_truth: str | None = None,
    ) -> None:
        super().__init__(pipeline)
        if depth_source not in (None, *SOURCES):
            raise UserError(
                f"KITTIDataset has no depth_source '{depth_source}'; {suggest(depth_source, (None, *SOURCES))}"
            )
        self.data_root = Path(data_root)
        self.stereo = stereo
        self.split_path, self.frames = read_split(split, self.data_root, stereo)
        self.depth_source = depth_source
        if depth_source == "annotated":
            self.leave_out_unannotated()
        self.check_images()
        both = stereo or depth_source == "disparity"
        self.cameras = {LEFT, RIGHT} if both else {frame.camera for frame in self.frames}  # that are needed
        self.calibrations: dict[str, StereoCalibration] = {}  # by date
        self.source, self.ground_truth = None, None
        if ground_truth is not None:
            self.use_ground_truth(ground_truth)
        elif depth_source == "disparity":
            self.source = DisparitySource(Path(disparity_root or self.data_root / "disparity"))
        elif depth_source is not None:
            self.source = SOURCES[depth_source](self.data_root)
        if self.source is not None:
            self.check_depth_files()

    def __len__(self) -> int:
        return len(self.frames)

    def leave_out_unannotated(self) -> None:
        """Leaves out the frames whose depth is `None` in the list, and says how many they are.

        Raises:
            UserError: if that is all.
        """
        without = [frame for frame in self.frames if not frame.annotated]
        if not without:
            return
        found = f"{self.split_path}: {len(without)} of {len(self)} frames have None for their annotated depth"
        if len(without) == len(self):
            raise UserError(f"{found}, expected its path for some; set another depth_source, or choose another split")
        warnings.warn(f"{found} and are left out, the first: '{without[0].id}'", stacklevel=3)
        self.frames = [frame for frame in self.frames if frame.annotated]

    def check_images(self) -> None:
        """Warns of frames that lack an image.

        Raises:
            UserError: if all do.
        """
        missing = without_image(self.data_root, self.frames, self.stereo)
        example = missing and find_image(self.data_root, *missing[0])
        alone = self.stereo and all(camera == frame.other_camera for frame, camera in missing)
        cure = (
            "set stereo=False for the images of one camera, or copy the other camera's there"
            if alone
            else "set --data-root to the folder of <date>/<drive>, choose another split, or make data with `python "
            f"tools/make_synthetic.py kitti {self.data_root}`"
        )
        what = f"image in {self.data_root}, e.g. {example}"
        tell_of_missing(len(missing), len(self), what, self.split_path, cure)

    def check_depth_files(self) -> None:
        """Warns of frames whose ground truth is not there.

        Raises:
            UserError: if none is.
        """
        missing = without_file(self.frames, self.source.paths)
        example = missing and self.source.paths(missing[0])[0]
        tell_of_missing(
            len(missing), len(self), f"{self.source.what}, e.g. {example}", self.split_path, self.source.cure
        )

    def use_ground_truth(self, path: str) -> None:
        """Takes the depth from an exported file."""
        source = GroundTruthFile(path, ()).depth_source
        if self.depth_source not in (None, source):
            raise UserError(
                f"{path}: was made from depth_source '{source}', expected '{self.depth_source}'; change depth_source, "
                "or export the file again"
            )
        if source == "annotated":
            self.leave_out_unannotated()
        self.depth_source = source
        self.ground_truth = GroundTruthFile(path, (frame.id for frame in self.frames))

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`."""
        frame = self.frames[index]
        try:
            return self.read(frame)
        except UserError as error:
            raise UserError(f"{error} (split line '{frame.id}' of {self.split_path})") from error

    def read(self, frame: KITTIFrame) -> dict:
        """The working sample of a frame.

        Raises:
            UserError: if a file is missing or damaged, or sizes differ.
        """
        path = find_image(self.data_root, frame, frame.camera)
        if self.stereo:
            other = find_image(self.data_root, frame, frame.other_camera)
            image, image_right = read_pair(path, other)
            check_pair(image, path, image_right, other)
        else:
            image = read_image(path)
        calibration = self.calibration(frame.date)
        sample = {
            "image": image,
            "intrinsics": calibration.intrinsics[frame.camera],
            "meta": {"id": frame.id, "path": str(path)},
        }
        if calibration.baseline is not None:
            sample["baseline"] = calibration.baseline
        if self.stereo:
            sample["image_right"] = image_right
        if self.source is not None:
            sample["depth"] = self.source.read(frame, calibration, image.shape[:2])
        if frame.side == "r":
            sample = flip_sample(sample)
        if self.ground_truth is not None:  # which is mirrored already
            sample["depth"] = self.ground_truth.depth(frame.id)
        if "depth" in sample:
            check_depth(sample["depth"], f"{path}, ground truth", image)
            sample["valid_mask"] = sample["depth"] > 0
        return sample

    def calibration(self, date: str) -> StereoCalibration:
        """The colour pair's calibration on a date, read and checked once."""
        if date not in self.calibrations:
            path = self.data_root / date / CAMERAS_FILE
            calibration = read_stereo_calibration(path.parent, sorted(self.cameras))
            for camera, intrinsics in calibration.intrinsics.items():
                check_intrinsics(intrinsics, f"{path}, {P_RECT[camera]}")
            if calibration.baseline is not None:
                check_baseline(calibration.baseline, f"{path}, {' and '.join(P_RECT.values())}")
            self.calibrations[date] = calibration
        return self.calibrations[date]
