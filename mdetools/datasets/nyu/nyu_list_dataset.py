"""NYU Depth V2 (Silberman et al., ECCV 2012) as a list of images and depth PNGs."""

from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.nyu.sample import nyu_sample
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.png16 import read_png16
from mdetools.datasets.rgbd.frame_list import find_list, frames_with, list_names, read_frame_list
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["NYUListDataset"]

MILLIMETRES = 1000


@DATASETS.register_module()
class NYUListDataset(BaseDataset):
    """Images with 16-bit depth PNGs that `<data_root>/<split>.txt` or `.csv` lists, as in BTS (Lee et al., 2019).

    A line is `<rgb> <depth>`, see `read_frame_list`; further columns (other projects put the focal length there) are
    not read, since NYU has one camera. Depth is millimetres, 0 and 65535 = hole.

    Args:
        data_root: folder of the files.
        split: name of the list without `.txt`, or its path, see `find_list`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if the list is missing or empty, or a line of it names files that are not there.
    """

    depth_scale = MILLIMETRES

    def __init__(self, data_root: str, split: str = "train", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        path = find_list(split, self.root)
        if path is None:
            name = list_names(self.root / split)[0]
            raise UserError(f"no list {name}, expected lines `<rgb> <depth>`; write it, or set --data-root and split")
        listed = read_frame_list(path, self.root, files=("rgb", "depth"))
        self.frames = [(frame.id, *map(str, frame.files)) for frame in frames_with(listed, 1, "depth", path)]

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file cannot be decoded, or the depth is not 16-bit with one channel or not of the image's
                size.
        """
        name, rgb, depth = self.frames[index]
        return nyu_sample(read_image(rgb), read_png16(depth, MILLIMETRES), None, name, depth)
