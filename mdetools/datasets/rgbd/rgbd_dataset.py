"""Your own images with depth, in folders or by a list."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.rgbd.depth_kinds import HOLES, KINDS, check_holes, to_metres
from mdetools.datasets.rgbd.frame_list import find_list
from mdetools.datasets.rgbd.frames import frames_in_folders, frames_of_list
from mdetools.datasets.sample import depth_sample
from mdetools.errors import UserError, suggest
from mdetools.registry import DATASETS

__all__ = ["RGBDDataset"]

NAME_HOLES = "name these values in holes=[...], or set the pixels to 0 in the file"


@DATASETS.register_module()
class RGBDDataset(BaseDataset):
    """Images with depth maps of any format, see `read_depth_file`.

    Args:
        data_root: folder of the data set.
        split: a folder in it, or a list.
        depth_scale: units of the depth files per metre.
        depth_kind: see `to_metres`.
        holes: see `to_metres`.
        baseline: of the two cameras, metres, for disparity.
        depth_key: name of the array in depth files that hold several.
        image_folder: of the images, in the folder of the split.
        depth_folder: of the depth files, likewise.
        pipeline: configs of transforms, see `BaseDataset`.
    """

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        depth_scale: float = 1000.0,
        depth_kind: str = "depth",
        holes: Sequence[int | float | str] = HOLES,
        baseline: float | None = None,
        depth_key: str | None = None,
        image_folder: str = "images",
        depth_folder: str = "depth",
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        if depth_kind not in KINDS:
            raise UserError(f"RGBDDataset has no depth_kind '{depth_kind}'; {suggest(depth_kind, KINDS)}")
        check_holes(holes)
        self.scale, self.kind, self.holes, self.baseline = depth_scale, depth_kind, holes, baseline
        self.key = depth_key
        root = Path(data_root)
        listed = find_list(split, root)
        if listed is not None:
            self.frames = frames_of_list(listed, root)
        else:
            self.frames = frames_in_folders(root / split / image_folder, root / split / depth_folder)

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`."""
        frame = self.frames[index]
        image, values = read_image(frame.image), read_depth_file(frame.depth, self.key)
        depth = to_metres(values, self.kind, self.scale, self.holes, None, self.baseline, frame.depth)
        return depth_sample(image, depth, None, frame.id, frame.depth, NAME_HOLES)
