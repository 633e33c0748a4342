"""The labelled part of NYU Depth V2 (Silberman et al., ECCV 2012) in its official files."""

from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.nyu.sample import nyu_sample
from mdetools.datasets.readers.labeled_mat import LabeledMatFile
from mdetools.datasets.readers.mat_split import read_mat_split
from mdetools.errors import UserError, suggest
from mdetools.reading import is_file
from mdetools.registry import DATASETS

__all__ = ["NYULabeledDataset"]

SOURCES = {"raw": "rawDepths", "filled": "depths"}  # the arrays of the file


@DATASETS.register_module()
class NYULabeledDataset(BaseDataset):
    """The 1449 labelled frames: `<data_root>/nyu_depth_v2_labeled.mat` with `<data_root>/splits.mat`.

    The camera is the NYU colour camera.

    Args:
        data_root: folder of the two files.
        split: `train` (795 images) or `test` (654).
        pipeline: configs of transforms, see `BaseDataset`.
        depth_source: `raw`: what the Kinect measured, with holes, against which published numbers are computed.
            `filled`: the same with its holes in-painted, which a loss may want; scores against it are not comparable.

    Raises:
        UserError: if a file is missing or `splits.mat` unreadable, or the split or the depth unknown.
    """

    def __init__(
        self, data_root: str, split: str = "train", pipeline: Pipeline = (), depth_source: str = "raw"
    ) -> None:
        super().__init__(pipeline)
        if depth_source not in SOURCES:
            raise UserError(f"NYULabeledDataset has no depth_source '{depth_source}'; {suggest(depth_source, SOURCES)}")
        self.path = Path(data_root, "nyu_depth_v2_labeled.mat")
        splits = Path(data_root, "splits.mat")
        for path in (self.path, splits):
            if not is_file(path):
                raise UserError(f"no file {path}; get it from the NYU Depth V2 page, or set --data-root to its folder")
        if split not in ("train", "test"):
            raise UserError(f"split '{split}' is not in {splits}; expected train or test")
        self.numbers = read_mat_split(splits, f"{split}Ndxs")
        self.depth_source = depth_source
        self.file = LabeledMatFile(self.path, SOURCES[depth_source])

    def __len__(self) -> int:
        return len(self.numbers)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if the .mat file is damaged, or an array of it is not what was expected.
        """
        number = self.numbers[index]
        image, depth = self.file.read(number)
        return nyu_sample(image, depth, None, f"labeled/{number:04d}", f"{self.path} (image {number})")
