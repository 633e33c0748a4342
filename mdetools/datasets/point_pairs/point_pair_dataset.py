"""Your own point pairs, by a list."""

from pathlib import Path

import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.point_pairs.frames import PairedImage, pairs_sample
from mdetools.datasets.rgbd.frame_list import ListedFrame, find_list, list_names, read_frame_list
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["PointPairDataset"]

NUMBERS = ("x1", "y1", "x2", "y2")


@DATASETS.register_module()
class PointPairDataset(BaseDataset):
    """Images with point pairs that a list names, a pair a line: image, x1, y1, x2, y2, the closer point first.

    Points are in pixels of the image file, turned upright by its EXIF orientation; (0, 0) is the centre of the first
    pixel. Lines of one image are one sample. The scene of an image is the name of its folder.

    Args:
        data_root: folder of the images.
        split: name of the list in it, `.csv` or `.txt`, see `read_frame_list`; or its path.
        pipeline: configs of transforms, see `BaseDataset`. One that crops drops the pairs that it cuts.

    Raises:
        UserError: if there is no such list, a line of it is malformed or has no points, or an image is not there.
    """

    def __init__(self, data_root: str, split: str = "pairs", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        path = find_list(split, self.root)
        if path is None:
            names = " or ".join(list_names(self.root / split))
            raise UserError(f"there is no list {names}, expected lines image x1 y1 x2 y2; set data_root and split")
        by_image: dict[Path, list[ListedFrame]] = {}
        for line in read_frame_list(path, self.root, ("image",), numbers=NUMBERS):
            if not line.numbers:
                raise UserError(f"{line.place}: has no points, expected image x1 y1 x2 y2; fix the line")
            by_image.setdefault(line.files[0], []).append(line)
        self.frames = [self.frame_of(image, lines) for image, lines in by_image.items()]

    def frame_of(self, image: Path, lines: list[ListedFrame]) -> PairedImage:
        """The pairs of one image."""
        pairs = np.array([[line.numbers[name] for name in NUMBERS] for line in lines], np.float32)
        inside = image.is_relative_to(self.root)
        name = (image.relative_to(self.root) if inside else image).as_posix()
        return PairedImage(name, pairs.reshape(-1, 2, 2), tuple(line.place for line in lines))

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if the image cannot be read, or a point lies outside of it.
        """
        return pairs_sample(self.frames[index], self.root)
