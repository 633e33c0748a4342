"""KITTI raw (Geiger et al., IJRR 2013): rectified colour pairs with LiDAR."""

import warnings
from functools import partial
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_baseline, check_depth, check_intrinsics
from mdetools.datasets.kitti.depth_sources import AnnotatedSource, DisparitySource, VelodyneSource
from mdetools.datasets.kitti.pair import check_pair, read_camera_image
from mdetools.datasets.kitti.split_list import KITTIFrame, read_split, without_image
from mdetools.datasets.readers.ground_truth_file import GroundTruthFile
from mdetools.datasets.transforms.geometric import flip_sample
from mdetools.errors import UserError, suggest
from mdetools.layouts.kitti import CAMERAS_FILE, image_path
from mdetools.layouts.kitti_calibration import P_RECT, StereoCalibration, read_stereo_calibration
from mdetools.reading import is_file
from mdetools.registry import DATASETS

__all__ = ["KITTIDataset"]

SOURCES = {
    "velodyne": VelodyneSource,
    "velodyne_devkit": partial(VelodyneSource, offset=1),
    "annotated": AnnotatedSource,
    "disparity": DisparitySource,
}
ENDINGS = (".png", ".jpg")


@DATASETS.register_module()
class KITTIDataset(BaseDataset):
    """KITTI in the raw layout, or any data in it.

    Read are `<data_root>/<date>/<drive>/image_0{2,3}/data/<frame>.png` (or `.jpg`), ten digits, and the date's
    `calib_cam_to_cam.txt`. A line of side `r` is the mirrored pair: both images flipped and swapped, and intrinsics and
    depth are those of camera 3, flipped; so that left(x) = right(x - disparity) in all samples. `meta["id"]` is the
    line of the split, the frame's number without leading zeros.

    >>> pairs = KITTIDataset("data/kitti", "garg_train", pipeline=[dict(type="PackSample")])  # doctest: +SKIP
    >>> pairs[0]["image_right"].shape  # doctest: +SKIP
    torch.Size([3, 375, 1242])

    Args:
        data_root: folder of the data set.
        split: path of a .txt file of `<date>/<drive> <frame> <side>` lines, or the name of one in `data_root`, or of a
            shipped one: eigen_test, eigen_test_annotated, eigen_train, eigen_val, garg_train, garg_test.
        depth_source: None gives no depth.
            `velodyne`: the LiDAR scan, in the pixel where the calibration projects it to (agrees with KITTI's own
            disparity maps to 0.06 pixels).
            `velodyne_devkit`: the same one column to the left and one row up (0.24 pixels off those maps), from taking
            the projection for MATLAB's 1-based pixels. Published scores against raw LiDAR are made so, from Eigen et
            al. (2014) on; take it to compare with them.
            `annotated`: depth-annotated PNGs, see `AnnotatedSource`.
            `disparity`: disparity maps of left images, see `DisparitySource`.
        pipeline: configs of transforms, see `BaseDataset`.
        stereo: False leaves `image_right` out, and does not read it.
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
        self.split_path, self.frames = read_split(split, self.data_root)
        self.check_images()
        self.calibrations: dict[str, StereoCalibration] = {}  # by date
        self.depth_source = depth_source
        self.source, self.ground_truth = None, None
        if ground_truth is not None:
            self.use_ground_truth(ground_truth)
        elif depth_source == "disparity":
            self.source = DisparitySource(Path(disparity_root or self.data_root / "disparity"))
        elif depth_source is not None:
            self.source = SOURCES[depth_source](self.data_root)

    def __len__(self) -> int:
        return len(self.frames)

    def check_images(self) -> None:
        """Warns of frames whose image is not there.

        Raises:
            UserError: if there is none at all.
        """
        missing = without_image(self.data_root, self.frames)
        if not missing:
            return
        found = (
            f"{len(missing)} of {len(self)} frames have no image in {self.data_root}, e.g. "
            f"{self.image_path(missing[0], missing[0].camera)}"
        )
        if len(missing) == len(self):
            raise UserError(
                f"{self.split_path}: {found}; set --data-root to the folder of <date>/<drive>, choose another split, "
                f"or make data with `python tools/make_synthetic.py kitti {self.data_root}`"
            )
        warnings.warn(f"{self.split_path}: {found}; each is an error when its turn comes", stacklevel=3)

    def use_ground_truth(self, path: str) -> None:
        """Takes the depth from an exported file."""
        self.ground_truth = GroundTruthFile(path, (frame.id for frame in self.frames))
        if self.depth_source not in (None, self.ground_truth.depth_source):
            raise UserError(
                f"{path}: was made from depth_source '{self.ground_truth.depth_source}', expected "
                f"'{self.depth_source}'; change depth_source, or export the file again"
            )
        self.depth_source = self.ground_truth.depth_source

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
        path = self.image_path(frame, frame.camera)
        image = read_camera_image(path)
        calibration = self.calibration(frame.date)
        sample = {
            "image": image,
            "intrinsics": calibration.intrinsics[frame.camera],
            "baseline": calibration.baseline,
            "meta": {"id": frame.id, "path": str(path)},
        }
        if self.stereo:
            other = self.image_path(frame, frame.other_camera)
            sample["image_right"] = read_camera_image(other)
            check_pair(image, path, sample["image_right"], other)
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
            calibration, path = read_stereo_calibration(self.data_root / date), self.data_root / date / CAMERAS_FILE
            for camera, key in P_RECT.items():
                check_intrinsics(calibration.intrinsics[camera], f"{path}, {key}")
            check_baseline(calibration.baseline, f"{path}, {' and '.join(P_RECT.values())}")
            self.calibrations[date] = calibration
        return self.calibrations[date]

    def image_path(self, frame: KITTIFrame, camera: int) -> Path:
        """The image file of a frame: the .png, or the .jpg if there is none."""
        png, jpg = (self.data_root / image_path(frame.drive, frame.number, camera, ending) for ending in ENDINGS)
        return jpg if not is_file(png) and is_file(jpg) else png
