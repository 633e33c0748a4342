"""DIODE (Vasiljevic et al., 2019): laser scans of buildings and of places in the open."""

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
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["DIODEDataset"]

LAYOUT = "val/indoors/scene_00019/scan_00183/00019_00183_indoors_000_010.png"
IMAGE = re.compile(r"(.*(?:indoors|outdoor)/scene_\d+/scan_\d+/[^/]+)\.png")
DEPTH, MASK = "_depth.npy", "_depth_mask.npy"
SIZE = (768, 1024)
INTRINSICS = np.array([[886.81, 0, 512], [0, 927.06, 384], [0, 0, 1]])  # of the development kit; fx is not fy


@DATASETS.register_module()
class DIODEDataset(BaseDataset):
    """DIODE as its archives unpack: `{train,val}/{indoors,outdoor}/scene_*/scan_*/*.png`.

    Depth is `*_depth.npy` (H, W, 1) in metres. What `*_depth_mask.npy` does not call valid is a hole, whatever the
    depth file has there.

    Args:
        data_root: folder of `train` and `val`.
        split: `train`, `val`, or parts of them such as `val/indoors`, see `find_frames`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if the folder or the split is not there, or none of its frames is.
    """

    def __init__(self, data_root: str, split: SceneSplit = "train", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        self.frames = find_frames(self.root, IMAGE, lambda match: match[1] + DEPTH, split, LAYOUT)

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or sizes differ.
        """
        frame = self.frames[index]
        name = frame.image.removesuffix(".png")
        path, mask_path = str(self.root / frame.depth), str(self.root / (name + MASK))
        image, values, mask = read_image(self.root / frame.image), read_depth_file(path), read_depth_file(mask_path)
        if mask.shape != values.shape:
            raise UserError(
                f"{mask_path}: is {mask.shape}, expected {values.shape}, as the depth; copy both from one archive"
            )
        depth = np.where(mask > 0, to_metres(values, path=path), np.float32(0))
        intrinsics = intrinsics_at(INTRINSICS, SIZE, image.shape[:2])
        return depth_sample(image, depth, intrinsics, name, path)
