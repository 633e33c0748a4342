"""Cityscapes (Cordts et al., CVPR 2016): streets of German cities with a class per pixel."""

from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.segmentation_folder.classes import ClassTable
from mdetools.datasets.segmentation_folder.frames import frames_in_folders, segmentation_sample
from mdetools.registry import DATASETS

__all__ = ["CITYSCAPES_CLASSES", "CityscapesDataset"]

# The 19 classes that are evaluated, in the order of their `trainId`, with their number in `*_labelIds.png`.
CITYSCAPES_CLASSES = {
    "road": 7,
    "sidewalk": 8,
    "building": 11,
    "wall": 12,
    "fence": 13,
    "pole": 17,
    "traffic light": 19,
    "traffic sign": 20,
    "vegetation": 21,
    "terrain": 22,
    "sky": 23,
    "person": 24,
    "rider": 25,
    "car": 26,
    "truck": 27,
    "bus": 28,
    "train": 31,
    "motorcycle": 32,
    "bicycle": 33,
}
LAST = 33  # of the numbers in the files
LAYOUT = "leftImg8bit/{0}/<city>/<name>_leftImg8bit.png with gtFine/{0}/<city>/<name>_gtFine_labelIds.png"


@DATASETS.register_module()
class CityscapesDataset(BaseDataset):
    """Cityscapes' fine annotations as its archives leftImg8bit and gtFine unpack into one folder.

    The masks are `*_gtFine_labelIds.png`, whose 34 numbers become the 19 classes that are evaluated, and 255 for all
    others; no file with train ids needs to be made first.

    Args:
        data_root: folder of `leftImg8bit` and `gtFine`.
        split: `train` (2975 images) or `val` (500). The masks of `test` are not published.
        pipeline: configs of transforms, see `BaseDataset`.

    Raises:
        UserError: if there is no such folder, or no image with a mask.
    """

    def __init__(self, data_root: str, split: str = "train", pipeline: Pipeline = ()) -> None:
        super().__init__(pipeline)
        self.classes = list(CITYSCAPES_CLASSES)
        numbers = {number: label for label, number in enumerate(CITYSCAPES_CLASSES.values())}
        others = [number for number in range(LAST + 1) if number not in numbers]
        self.table = ClassTable(len(self.classes), numbers, [*others, 255])  # a licence plate is -1: 255 in 8 bits
        self.frames = frames_in_folders(
            Path(data_root),
            split,
            "leftImg8bit/*_leftImg8bit",
            "gtFine/*_gtFine_labelIds",
            LAYOUT.format(split),
        )

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
