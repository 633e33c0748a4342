"""BlendedMVS (Yao et al., CVPR 2020): blended renderings of reconstructed scenes."""

import re
from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.rgbd.cameras import camera_of
from mdetools.datasets.rgbd.depth_kinds import to_metres
from mdetools.datasets.sample import depth_sample
from mdetools.datasets.scene_frames import SceneSplit, find_frames
from mdetools.errors import UserError
from mdetools.reading import read_lines
from mdetools.registry import DATASETS

__all__ = ["BlendedMVSDataset"]

LAYOUT = "<project>/blended_images/00000000.jpg"
IMAGE = re.compile(r"(.*/)blended_images/(\d{8})\.jpg")
DEPTH, CAMERA = r"\1rendered_depth_maps/\2.pfm", r"\1cams/\2_cam.txt"


@DATASETS.register_module()
class BlendedMVSDataset(BaseDataset):
    """BlendedMVS, + and ++ as they unpack: `<project>/blended_images/00000000.jpg`, without the masked images.

    Depth is `rendered_depth_maps/00000000.pfm`, 0 = hole, intrinsics are those of `cams/00000000_cam.txt`. The unit of
    depth is that of each reconstruction, **not metres**: train relative models on it, not metric ones.

    Args:
        data_root: folder of the projects.
        split: `all`; or a list of projects, the name or path of one of the repository's `project_lists`, such as
            `BlendedMVS_training` or `validation_list`; or projects, see `find_frames`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if the folder or the split is not there, or none of its frames is.
    """

    def __init__(self, data_root: str, split: SceneSplit = "all", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        self.frames = find_frames(self.root, IMAGE, lambda match: match.expand(DEPTH), split, LAYOUT)

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
        intrinsics = read_mvs_camera(self.root / IMAGE.sub(CAMERA, frame.image))
        return depth_sample(image, to_metres(values, path=path), intrinsics, frame.image.removesuffix(".jpg"), path)


def read_mvs_camera(path: Path) -> np.ndarray:
    """Intrinsics (3, 3) of a file of MVSNet's: `extrinsic` and 16 numbers, `intrinsic` and 9, and a range of depth.

    Raises:
        UserError: if it cannot be read, or has no intrinsics.
    """
    words = " ".join(read_lines(path, "extrinsic and intrinsic of a camera")).split()
    if "intrinsic" not in words:
        raise UserError(f"{path}: has no line 'intrinsic', expected MVSNet's cam.txt; copy the file again")
    start = words.index("intrinsic") + 1
    return camera_of(words[start : start + 9], str(path)).intrinsics
