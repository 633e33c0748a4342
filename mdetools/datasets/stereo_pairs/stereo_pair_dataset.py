"""Your own rectified stereo pairs, in folders or by a list."""

from collections.abc import Sequence
from math import inf
from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import NAME_HOLES, check_baseline, check_depth, check_intrinsics, check_pair
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import read_pair
from mdetools.datasets.readers.image_bits import check_image_bits
from mdetools.datasets.rgbd.cameras import by_folder
from mdetools.datasets.rgbd.depth_kinds import HOLES, KINDS, Hole, check_holes, depth_of_disparity, to_metres
from mdetools.datasets.rgbd.frame_list import find_list
from mdetools.datasets.stereo_pairs.pairs import StereoPair, pairs_in_folders, pairs_of_list
from mdetools.datasets.stereo_pairs.rig import RIG_FILES, StereoRig, camera_of_focal, read_rig_file, shift_right
from mdetools.errors import UserError, suggest
from mdetools.registry import DATASETS

__all__ = ["StereoPairDataset"]


@DATASETS.register_module()
class StereoPairDataset(BaseDataset):
    """Rectified pairs: left(x) = right(x - disparity), with a disparity from 0 on.

    They lie in folders, `<data_root>/<split>/left/**` with `<data_root>/<split>/right/**` by the same path and stem, or
    with such a pair of folders in each scene, `<data_root>/<split>/<scene>/left/**`; or a list names them,
    `<data_root>/<split>.txt` or `.csv`, with the columns left, right, optionally depth, and then focal and baseline,
    see `read_frame_list`. If there are both, the list counts.

    With focal length and baseline samples have `intrinsics` and `baseline`, and a disparity means metres; without them
    they have not, and a known disparity is given as `inverse_depth`. Both come from a list's columns, or from a file in
    the left image's folder or one above it, see `read_rig_file`, or from the options, in this order.

    >>> pairs = StereoPairDataset("data/pairs", "train", focal=700.0, baseline=0.12)  # doctest: +SKIP
    >>> sorted(pairs.load(0))  # doctest: +SKIP
    ['baseline', 'image', 'image_right', 'intrinsics', 'meta']

    Args:
        data_root: folder of the data set.
        split: a folder in it (`.` is itself), or the name of a list, or its path.
        left: folder of the left images in that of the split or of each scene, or their pattern: `*/im0` are those
            called im0 in a folder for each scene. See `by_name`.
        right: of the right images, likewise.
        depth: of depth or disparity files of the left images, likewise; None has none, unless a list names them.
        depth_kind: `disparity`, `depth`, `distance` or `inverse_depth`, see `to_metres`.
        depth_scale: what the values are multiplied by in the files: 256 in KITTI's disparity maps, 1 in .pfm.
        holes: the values that stand for "not measured", see `to_metres`.
        depth_key: name of the array, or channel, in depth files that hold several.
        focal: focal length in pixels of the left image; the principal point is the image's middle.
        baseline: distance of the cameras, metres.
        calibration: name of the file that describes the cameras; None looks for one of `RIG_FILES`.
        image_bits: that the cameras fill of 16-bit images, 8 to 16; None takes them pair by pair, see `read_pair`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if there is no such folder or list, no pair is in it, files of the list are not there, an option is
            wrong, or a calibration cannot be read.
    """

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        left: str = "left",
        right: str = "right",
        depth: str | None = None,
        depth_kind: str = "disparity",
        depth_scale: float = 1.0,
        holes: Sequence[Hole] = HOLES,
        depth_key: str | None = None,
        focal: float | None = None,
        baseline: float | None = None,
        calibration: str | None = None,
        image_bits: int | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        if depth_kind not in KINDS:
            raise UserError(f"StereoPairDataset has no depth_kind '{depth_kind}'; {suggest(depth_kind, KINDS)}")
        for name, value in (("depth_scale", depth_scale), ("focal", focal)):
            if value is not None and not 0 < value < inf:
                raise UserError(f"StereoPairDataset: {name} is {value}, expected a positive number; set it")
        check_holes(holes)
        check_image_bits(image_bits, "StereoPairDataset")
        if baseline is not None:
            check_baseline(baseline, "StereoPairDataset")
        self.kind, self.scale, self.holes, self.key = depth_kind, depth_scale, holes, depth_key
        self.focal, self.baseline, self.image_bits, self.root = focal, baseline, image_bits, Path(data_root)
        listed = find_list(split, self.root)
        if listed is None:
            self.pairs = pairs_in_folders(self.root / split, left, right, depth)
        else:
            self.pairs = pairs_of_list(listed, self.root)
        self.rigs = self.find_rigs(calibration)

    def find_rigs(self, calibration: str | None) -> dict[str, StereoRig | None]:
        """What the files say of the cameras, by the left images' folders.

        Raises:
            UserError: if a file describes none, or the one that is named is not there.
        """
        names = RIG_FILES if calibration is None else (calibration,)
        rigs = by_folder((pair.left for pair in self.pairs), self.root, names, read_rig_file)
        without = next((folder for folder, rig in rigs.items() if rig is None), None)
        if calibration is not None and without is not None:
            raise UserError(
                f"the cameras are looked for in {calibration}, and there is none in {without} or above it; write "
                "one, or set focal and baseline in place of calibration"
            )
        return rigs

    def __len__(self) -> int:
        return len(self.pairs)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, the images differ in size, or the depth does not fit.
        """
        pair = self.pairs[index]
        image, right = read_pair(pair.left, pair.right, self.image_bits)
        check_pair(image, pair.left, right, pair.right)
        cameras, offset = self.cameras(pair, image.shape[:2])
        if offset:
            right = shift_right(right, offset)
        sample = {"image": image, "image_right": right, **cameras, "meta": {"id": pair.id, "path": pair.left}}
        if pair.depth is not None:
            sample |= self.read_depth(pair.depth, image, cameras, offset)
        return sample

    def cameras(self, pair: StereoPair, size: tuple[int, int]) -> tuple[dict, float]:
        """What is known of `intrinsics` and `baseline` for images of this size (H, W), and the right one's offset.

        Raises:
            UserError: if they cannot be.
        """
        rig = self.rigs[str(Path(pair.left).parent)] or StereoRig()
        focal = pair.numbers.get("focal", self.focal if rig.focal is None else rig.focal)
        baseline = pair.numbers.get("baseline", self.baseline if rig.baseline is None else rig.baseline)
        known, offset, place = {}, 0.0, pair.place or pair.left
        if rig.camera is not None and "focal" not in pair.numbers:
            known["intrinsics"] = rig.camera.at(size, pair.left).astype(np.float32)
            offset = rig.offset * (size[1] / rig.camera.size[1] if rig.camera.size else 1.0)
        elif focal is not None:
            known["intrinsics"] = camera_of_focal(focal, size).astype(np.float32)
        if "intrinsics" in known:
            check_intrinsics(known["intrinsics"], place)
        if baseline is not None:
            check_baseline(baseline, place)
            known["baseline"] = baseline
        return known, offset

    def read_depth(self, path: str, image: np.ndarray, cameras: dict, offset: float) -> dict:
        """What a file says of the left image: `depth`, or `inverse_depth` if nothing gives metres, and `valid_mask`.

        Raises:
            UserError: if it cannot be read, has not the image's size, or needs a camera that there is not.
        """
        values = read_depth_file(path, self.key)
        intrinsics, baseline = cameras.get("intrinsics"), cameras.get("baseline")
        if self.kind == "distance" and intrinsics is None:
            raise UserError(
                f"{path}: depth_kind 'distance' needs the camera, and there is none; set focal, or write a calibration"
            )
        # A disparity is made depth here, since the cameras' offset adds to it.
        kind = "depth" if self.kind == "disparity" else self.kind
        found = to_metres(values, kind, self.scale, self.holes, intrinsics, path=path)
        name = "depth"
        if self.kind == "disparity":
            found[found > 0] += offset
            if intrinsics is None or baseline is None:
                name = "inverse_depth"
            else:
                check_depth(found, path, image, NAME_HOLES)
                found = depth_of_disparity(found, np.float32(float(intrinsics[0, 0]) * baseline))
        check_depth(found, path, image, NAME_HOLES)
        return {name: found, "valid_mask": found > 0}
