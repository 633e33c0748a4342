"""TartanAir (Wang et al., IROS 2020): rendered flights through 18 environments."""

import re
from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.rgbd.depth_kinds import to_metres
from mdetools.datasets.rgbd.sizes import intrinsics_at
from mdetools.datasets.sample import depth_sample
from mdetools.datasets.scene_frames import SceneSplit, find_frames
from mdetools.errors import UserError, suggest
from mdetools.registry import DATASETS

__all__ = ["TartanAirDataset"]

LAYOUT = "abandonedfactory/Easy/P000/image_left/000000_left.png"
SIZE = (480, 640)
INTRINSICS = np.array([[320.0, 0, 320], [0, 320, 240], [0, 0, 1]])
SKY = 10_000  # metres: the sphere that the renderer hangs the sky on, or beyond
SIDES = ("left", "right")


@DATASETS.register_module()
class TartanAirDataset(BaseDataset):
    """TartanAir as its archives unpack: `<environment>/{Easy,Hard}/P000/image_left/000000_left.png`.

    Depth is `depth_left/000000_left_depth.npy` in metres along the optical axis; 0 and the sky (10 km and more) are
    holes, the latter with a map `sky`. There is no official split by environments for depth.

    Args:
        data_root: folder of the environments.
        split: `all`, or environments and parts of them, see `find_frames`, such as `office` or
            `["office", "abandonedfactory/Easy"]`.
        pipeline: configs of transforms, see `BaseDataset`.
        side: whose images and depth: `left` or `right`.

    Raises:
        UserError: if the folder or the split is not there, or none of its frames is.
    """

    def __init__(self, data_root: str, split: SceneSplit = "all", pipeline: Pipeline = (), side: str = "left") -> None:
        super().__init__(pipeline)
        if side not in SIDES:
            raise UserError(f"TartanAirDataset has no side '{side}'; {suggest(side, SIDES)}")
        self.root = Path(data_root)
        image, depth = rf"(.*/)image_{side}/(\d{{6}})_{side}\.png", rf"\1depth_{side}/\2_{side}_depth.npy"
        self.frames = find_frames(self.root, re.compile(image), lambda match: match.expand(depth), split, LAYOUT)

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or sizes differ.
        """
        frame = self.frames[index]
        path = str(self.root / frame.depth)
        image, values = read_image(self.root / frame.image), read_depth_file(path)
        depth = to_metres(values, path=path)
        sky = values >= SKY
        depth[sky] = 0
        intrinsics = intrinsics_at(INTRINSICS, SIZE, image.shape[:2])
        return depth_sample(image, depth, intrinsics, frame.image.removesuffix(".png"), path, sky=sky)
