"""ADE20K's 150 classes (Zhou et al., CVPR 2017), as the scene parsing challenge of 2016 has them."""

from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.segmentation_folder.classes import ClassTable
from mdetools.datasets.segmentation_folder.frames import frames_in_folders, segmentation_sample
from mdetools.errors import UserError, suggest
from mdetools.reading import is_file, read_lines
from mdetools.registry import DATASETS

__all__ = ["ADE20KDataset"]

COUNT = 150
SPLITS = {"train": "training", "val": "validation"}
TABLE = "objectInfo150.txt"  # of the archive: number, ratio, train, val, stuff and names, set apart by tabs
LAYOUT = "images/{0}/ADE_*.jpg with annotations/{0}/ADE_*.png"


@DATASETS.register_module()
class ADE20KDataset(BaseDataset):
    """ADE20K as `ADEChallengeData2016.zip` unpacks: `images/training/*.jpg` with `annotations/training/*.png`.

    In the files 0 is "other", which does not count, and 1..150 are the classes 0..149. Their names are those of the
    archive's `objectInfo150.txt`, the first of each; without this file numbers stand for them.

    Args:
        data_root: the folder `ADEChallengeData2016`.
        split: `train` (20210 images) or `val` (2000).
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if there is no such split or folder, no image with a mask, or the table of names is damaged.
    """

    def __init__(self, data_root: str, split: str = "train", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        if split not in SPLITS:
            raise UserError(f"ADE20KDataset has no split '{split}'; {suggest(split, SPLITS)}")
        root, folder = Path(data_root), SPLITS[split]
        self.classes = read_names(root / TABLE) if is_file(root / TABLE) else [str(label) for label in range(COUNT)]
        self.table = ClassTable(COUNT, {label + 1: label for label in range(COUNT)}, [0])
        self.frames = frames_in_folders(root, folder, "images", "annotations", LAYOUT.format(folder))

    @property
    def metainfo(self) -> dict:
        """The names of the classes too, which a metric asks for."""
        return {**super().metainfo, "classes": self.classes}

    def __len__(self) -> int:
        return len(self.frames)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: as `segmentation_sample`.
        """
        return segmentation_sample(self.frames[index], self.table)


def read_names(file: Path) -> list[str]:
    """The first name of each class in the archive's table.

    Raises:
        UserError: if it has not 150 lines after its header.
    """
    lines = [line.split("\t") for line in read_lines(file, "the table of ADE20K's classes") if line.strip()]
    names = [cells[-1].partition(",")[0].strip() for cells in lines if cells[0].strip().isdigit()]
    if len(names) != COUNT:
        raise UserError(f"{file}: names {len(names)} classes, expected {COUNT}; copy it again from the archive")
    return names
