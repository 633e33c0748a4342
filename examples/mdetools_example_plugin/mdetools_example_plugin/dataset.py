from pathlib import Path

import h5py
import numpy as np

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_depth, check_image
from mdetools.errors import UserError
from mdetools.registry import DATASETS


@DATASETS.register_module()
class FolderOfFrames(BaseDataset):
    """Frames `<data_root>/<split>/**/<id>.h5`: `rgb`, `depth` in metres, 0 = hole, and `intrinsics`.

    Args:
        data_root: the folder.
        split: which folder in it.
        pipeline: configs of transforms.
    """

    def __init__(self, data_root: str, split: str, pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.files = sorted(Path(data_root, split).rglob("*.h5"))
        if not self.files:
            raise UserError(f"no .h5 file below {Path(data_root, split)}, expected <id>.h5; set data_root and split")

    def __len__(self) -> int:
        return len(self.files)

    def load(self, index: int) -> dict:
        """Returns the working sample."""
        path = self.files[index]
        try:
            with h5py.File(path) as file:
                image, depth, intrinsics = (file[key][()] for key in ("rgb", "depth", "intrinsics"))
        except (OSError, KeyError) as error:
            raise UserError(f"{path}: not a frame, expected the keys above: {error}; make it again") from error
        image = np.ascontiguousarray(image.transpose(1, 2, 0))
        check_image(image, str(path))
        check_depth(depth, str(path), image)
        return {
            "image": image,
            "depth": depth,
            "valid_mask": depth > 0,
            "intrinsics": intrinsics,
            "meta": {"id": path.stem, "path": str(path)},
        }
