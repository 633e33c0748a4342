"""NYU Depth V2 (Silberman et al., ECCV 2012) in the layout of FastDepth (Wofk et al., ICRA 2019)."""

from pathlib import Path

import cv2
import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.nyu.sample import nyu_sample
from mdetools.datasets.readers.hdf5 import read_h5
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError
from mdetools.layouts.nyu import FRAME_ENDING
from mdetools.registry import DATASETS

__all__ = ["NYUDataset"]


@DATASETS.register_module()
class NYUDataset(BaseDataset):
    """NYU Depth V2, or any data, as `<data_root>/<split>/**/<id>.h5`, found recursively and sorted.

    A file has `rgb` uint8 (3, H, W), `depth` (H, W) in metres, 0 = hole, and optionally `intrinsics` (3, 3) in its own
    pixels; without them those of the NYU colour camera are used, scaled to the image.

    >>> dataset = NYUDataset("data/nyu", "val", pipeline=[dict(type="PackSample")])  # doctest: +SKIP
    >>> dataset[0]["depth"].shape  # doctest: +SKIP
    torch.Size([1, 480, 640])

    Args:
        data_root: folder of the data set.
        split: a folder in it, such as `train` or `val`.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if the folder is missing or holds no .h5 file.
    """

    def __init__(self, data_root: str, split: str = "train", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.folder = Path(data_root, split)
        if not self.folder.is_dir():
            raise UserError(
                f"no folder {self.folder}, expected .h5 files in it; set --data-root, or make synthetic data with "
                f"`python tools/make_synthetic.py nyu {data_root}`"
            )
        found = files_below(self.folder)
        self.paths = [name for name in found if name.endswith(FRAME_ENDING)]
        if not self.paths:
            raise UserError(
                f"no .h5 file in {self.folder} or its folders ({len(found)} other files), expected <scene>/<id>.h5; "
                f"set --data-root, or make synthetic data with `python tools/make_synthetic.py nyu {data_root}`"
            )

    def __len__(self) -> int:
        return len(self.paths)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if the file is damaged, lacks `rgb` or `depth`, or an array of it is not what was expected.
        """
        path = str(self.folder / self.paths[index])
        rgb, depth, intrinsics = read_h5(path, ("rgb", "depth"), ("intrinsics",))
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[0] != 3 or not rgb.size:
            raise UserError(f"{path}: rgb is {rgb.dtype} {rgb.shape}, expected uint8 (3, H, W); convert the file")
        image = cv2.merge(list(rgb))  # many times faster than a transposed copy
        name = Path(self.paths[index]).with_suffix("").as_posix()
        return nyu_sample(image, depth, intrinsics, name, path)
