"""Your own images with a class per pixel."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.readers.class_map import has_palette
from mdetools.datasets.readers.image_bits import check_image_bits
from mdetools.datasets.rgbd.frame_list import find_list
from mdetools.datasets.segmentation_folder.classes import ClassTable, class_names
from mdetools.datasets.segmentation_folder.frames import frames_in_folders, frames_of_list, segmentation_sample
from mdetools.registry import DATASETS

__all__ = ["SegmentationFolderDataset"]

CLASSES_FILE = "classes.txt"


@DATASETS.register_module()
class SegmentationFolderDataset(BaseDataset):
    """Images with masks of the same path and stem, in which a number per pixel is its class.

    They lie in `<data_root>/images/<split>/**` and `<data_root>/semantic/<split>/**`, or in
    `<data_root>/<split>/images` and `<data_root>/<split>/semantic`; or a list names them, `<data_root>/<split>.txt` or
    `.csv`, with columns image and mask, see `read_frame_list`. If there are both, the list counts. Images without a
    mask are left out, with a warning. What masks may be, palette PNGs among them, says `read_class_map`. Samples have
    `image`, `semantic` (255 where nothing is known) and `meta`.

    >>> dataset = SegmentationFolderDataset("data/rooms", "train")  # doctest: +SKIP
    >>> sorted(dataset.load(0))  # doctest: +SKIP
    ['image', 'meta', 'semantic']

    Args:
        data_root: folder of the data set, which `tools/make_synthetic.py segmentation` writes too.
        split: a folder, or the name of a list, or its path.
        classes: their names in the order of their numbers, or how many there are; None reads `classes.txt` in the
            root, one name a line, and without it takes any number below 255.
        label_map: the class of each number in the masks, as `{7: 0, 8: 1}`; None: numbers are classes.
        ignore: numbers in the masks that stand for nothing known.
        images: name of the folder of images, or a pattern such as `*_color`, where `*` is what the paths of an image
            and its mask have in common, see `by_name`; this begins with the split.
        masks: likewise for the masks.
        image_bits: that the camera fills of 16-bit images, 8 to 16; None takes them image by image, see `read_image`.
        pipeline: configs of transforms, see `BaseDataset`.

    Attributes:
        classes: K names; None where there are none.

    Raises:
        UserError: if there is no such folder or list, nothing is in it, or an option is wrong.
    """

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        classes: int | Sequence[str] | None = None,
        label_map: Mapping[int, int] | None = None,
        ignore: Sequence[int] = (255,),
        images: str = "images",
        masks: str = "semantic",
        image_bits: int | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        check_image_bits(image_bits, "SegmentationFolderDataset")
        root, self.image_bits = Path(data_root), image_bits
        self.classes = class_names(classes, root / CLASSES_FILE)
        self.table = ClassTable(None if self.classes is None else len(self.classes), label_map, ignore)
        listed = find_list(split, root)
        if listed is None:
            layout = f"{images}/{split}/a.jpg with {masks}/{split}/a.png"
            self.frames = frames_in_folders(root, split, images, masks, layout)
        else:
            self.frames = frames_of_list(listed, root)
        if has_palette(first := self.frames[0].mask):
            warnings.warn(
                f"{first}: masks are palette PNGs, and the numbers of their pixels are taken as classes, not the "
                "colours; convert masks whose colours are the classes",
                stacklevel=2,
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
        return segmentation_sample(self.frames[index], self.table, self.image_bits)
