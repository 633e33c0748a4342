"""Your own images with depth, in folders or by a list."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import NAME_HOLES, check_baseline
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.image_bits import check_image_bits
from mdetools.datasets.rgbd.cameras import CAMERA_FILES, Camera, by_folder, camera_of, read_camera_file
from mdetools.datasets.rgbd.depth_kinds import (
    HOLES,
    KINDS,
    NEEDED_FOR,
    RELATIVE,
    RELATIVE_HOLES,
    Hole,
    check_holes,
    check_sky,
    sky_mask,
    to_metres,
    to_relative,
)
from mdetools.datasets.rgbd.frame_list import find_list, list_names
from mdetools.datasets.rgbd.frames import RGBDFrame, frames_in_folders, frames_of_list
from mdetools.datasets.rgbd.sizes import SIZES, intrinsics_at, to_common_size
from mdetools.datasets.sample import depth_sample, relative_sample
from mdetools.datasets.transforms.geometric import resize_nearest
from mdetools.errors import UserError, one_line, suggest
from mdetools.registry import DATASETS

__all__ = ["RGBDDataset"]

LARGEST_SCALE = 1e12

Intrinsics = Sequence[float] | Sequence[Sequence[float]] | Mapping[str, float] | str


@DATASETS.register_module()
class RGBDDataset(BaseDataset):
    """Images with depth maps in any format that `read_depth_file` reads.

    They lie in folders, `<data_root>/<split>/images/**` with `<data_root>/<split>/depth/**` by the same path and stem,
    or with such a pair of folders in each scene, `<data_root>/<split>/<scene>/images/**`; or a list names them,
    `<data_root>/<split>.txt` or `.csv`, with columns image, depth and optionally fx fy cx cy, see `read_frame_list`.
    If there are both, the list counts. Depth must be registered to the image.

    >>> dataset = RGBDDataset("data/own", "train", depth_scale=1000.0)  # doctest: +SKIP
    >>> sorted(dataset.load(0))  # doctest: +SKIP
    ['depth', 'image', 'intrinsics', 'meta', 'valid_mask']

    Args:
        data_root: folder of the data set.
        split: a folder in it, or the name of a list, or its path.
        depth_scale: what the values are multiplied by in the files, see `to_metres`: 1000 for millimetres, 1 for
            metres.
        depth_kind: `depth`, `distance`, `inverse_depth` or `disparity`, see `to_metres`; or `relative_inverse_depth`,
            of unknown scale and shift and larger where nearer, as relative models predict it: samples then have
            `inverse_depth` in place of `depth`.
        holes: the values that stand for "not measured", see `to_metres`; None is `HOLES`, or `RELATIVE_HOLES` for
            relative maps, where 0 is a value like others.
        sky: which value stands for sky, in the form of a hole: `inf`, `max` or a number. It is a hole too, as it has no
            depth, and samples have a map `sky`, which `InverseDepth` reads. None: no value does.
        intrinsics: the camera of all frames, see `camera_of`; or the name of the file that describes it, in the
            image's folder or one above it. None looks for one of `CAMERA_FILES` there; without it samples have no
            `intrinsics`. A list's own columns come first.
        baseline: distance of the two cameras in metres, for `disparity`.
        depth_key: name of the array, or channel, in depth files that hold several.
        match_size: whose size image and depth both get where theirs differ, see `to_common_size`: `image` or `depth`.
            Intrinsics are always those of the image file, and follow.
        images: name of the folder of images, in that of the split or of each scene; or a pattern such as `*_color`,
            where `*` is what the names of an image and its depth have in common, see `by_name`.
        depths: likewise for the depth files.
        image_bits: that the camera fills of 16-bit images, 8 to 16; None takes them image by image, see `read_image`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if there is no such folder or list, nothing is in it, files of the list are not there, an option is
            wrong, or `depth_kind` needs a camera and a frame has none.
    """

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        depth_scale: float = 1000.0,
        depth_kind: str = "depth",
        holes: Sequence[Hole] | None = None,
        sky: Hole | None = None,
        intrinsics: Intrinsics | None = None,
        baseline: float | None = None,
        depth_key: str | None = None,
        match_size: str | None = None,
        images: str = "images",
        depths: str = "depth",
        image_bits: int | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        self.scale, self.kind, self.sky, self.baseline = depth_scale, depth_kind, sky, baseline
        self.holes = (RELATIVE_HOLES if depth_kind == RELATIVE else HOLES) if holes is None else holes
        self.key, self.match_size, self.image_bits = depth_key, match_size, image_bits
        self.check_options()
        self.root = Path(data_root)
        listed = find_list(split, self.root)
        if listed is None:
            otherwise = list_names(self.root / split)[0]
            self.frames = frames_in_folders(self.root / split, images, depths, otherwise)
        else:
            self.frames = frames_of_list(listed, self.root)
        self.cameras = self.find_cameras(intrinsics)
        self.warned_of_8_bits = False

    def check_options(self) -> None:
        """Checks the options that stand alone.

        Raises:
            UserError: at the first that is wrong.
        """
        if self.kind not in (*KINDS, RELATIVE):
            cure = suggest(self.kind, (*KINDS, RELATIVE))
            raise UserError(f"RGBDDataset has no depth_kind '{one_line(self.kind, 80)}'; {cure}")
        if self.match_size not in (None, *SIZES):
            found = one_line(self.match_size, 80)
            raise UserError(f"RGBDDataset has no match_size '{found}'; {suggest(self.match_size, SIZES)}")
        number = isinstance(self.scale, int | float) and not isinstance(self.scale, bool)
        if not number or not 1 / LARGEST_SCALE <= self.scale <= LARGEST_SCALE:
            raise UserError(
                f"depth_scale is {one_line(self.scale, 80)}, expected the files' units per metre, such as 1000 for "
                "millimetres; set it"
            )
        check_holes(self.holes)
        check_sky(self.sky, self.kind)
        check_image_bits(self.image_bits, "RGBDDataset")
        if self.baseline is not None:
            check_baseline(self.baseline, "RGBDDataset")
        elif self.kind in NEEDED_FOR["baseline"]:
            raise UserError(f"depth_kind '{self.kind}' needs the cameras' distance in metres; set baseline=...")

    def find_cameras(self, intrinsics: Intrinsics | None) -> dict[str, Camera | None]:
        """The camera of each folder of images whose frames have none from a list.

        Raises:
            UserError: if a description is no camera, or `depth_kind` needs one that is not there.
        """
        images = [frame.image for frame in self.frames if not frame.camera]
        if intrinsics is not None and not isinstance(intrinsics, str):
            camera = camera_of(intrinsics, "intrinsics")
            return {str(Path(image).parent): camera for image in images}
        names = CAMERA_FILES if intrinsics is None else (intrinsics,)
        cameras = by_folder(images, self.root, names, read_camera_file)
        without = next((folder for folder, camera in cameras.items() if camera is None), None)
        if without is not None and (intrinsics is not None or self.kind in NEEDED_FOR["intrinsics"]):
            needs = f"depth_kind '{self.kind}' needs the camera" if intrinsics is None else "the camera is looked for"
            raise UserError(
                f"{needs}, and there is no {' or '.join(names)} in {without} or above it; write one, set "
                "intrinsics=dict(fx=..., fy=..., cx=..., cy=...), or give them as columns of a list"
            )
        return cameras

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or does not hold what the options say.
        """
        frame = self.frames[index]
        image, values = read_image(frame.image, bits=self.image_bits), read_depth_file(frame.depth, self.key)
        self.warn_of_8_bits(values, frame.depth)
        size = image.shape[:2]
        intrinsics = self.intrinsics(frame, size)
        if self.kind == RELATIVE:
            relative = to_relative(values, self.scale, self.holes)
            image, relative = to_common_size(image, relative, self.match_size, frame.depth)
            intrinsics = intrinsics_at(intrinsics, size, image.shape[:2])
            return relative_sample(image, relative, intrinsics, frame.id, frame.depth)
        depth_intrinsics = intrinsics_at(intrinsics, size, values.shape)
        holes, sky = self.holes, None
        if self.sky is not None:
            holes, sky = (*holes, self.sky), sky_mask(values, self.sky)
        depth = to_metres(values, self.kind, self.scale, holes, depth_intrinsics, self.baseline, frame.depth)
        image, depth = to_common_size(image, depth, self.match_size, frame.depth)
        if sky is not None and sky.shape != depth.shape:
            sky = resize_nearest(sky, *depth.shape)
        intrinsics = intrinsics_at(intrinsics, size, image.shape[:2])
        return depth_sample(image, depth, intrinsics, frame.id, frame.depth, NAME_HOLES, sky)

    def intrinsics(self, frame: RGBDFrame, size: tuple[int, int]) -> np.ndarray | None:
        """Intrinsics (3, 3) of a frame whose image has this size (H, W), or None."""
        if frame.camera:
            return camera_of(frame.camera, frame.place).intrinsics
        camera = self.cameras[str(Path(frame.image).parent)]
        return camera and camera.at(size, frame.image)

    def warn_of_8_bits(self, values: np.ndarray, path: str) -> None:
        """Warns, once, of depth that has 256 steps in all."""
        if values.dtype.itemsize == 1 and not self.warned_of_8_bits:
            self.warned_of_8_bits = True
            warnings.warn(
                f"{path}: depth has 8 bits, 256 steps in all, expected 16 or float; it is read with depth_scale="
                f"{self.scale:g}, and cannot be finer than its steps",
                stacklevel=3,
            )
