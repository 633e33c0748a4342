"""Images with their classes in a list."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.class_folder.depth_files import DepthFiles
from mdetools.datasets.class_folder.sample import class_sample
from mdetools.datasets.rgbd.frame_list import ListedFrame, find_list, list_names, read_frame_list
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["ClassListDataset"]


@DATASETS.register_module()
class ClassListDataset(BaseDataset):
    """Images of a list with lines `<path> <label>`, as Miniplaces has them; samples as those of `ClassFolderDataset`.

    Args:
        data_root: folder of the images; paths are relative to it.
        split: name of the list in it, with or without `.txt`, or the list's path.
        num_classes: K; labels are 0 to K - 1.
        classes: names of the classes, for tables and pictures; None calls them by their numbers.
        depth: see `ClassFolderDataset`.
        depth_kind: likewise.
        depth_scale: likewise.
        depth_key: likewise.
        pipeline: configs of transforms, see `BaseDataset`.

    Attributes:
        classes: names.
        names: paths of the images, relative to `data_root`.
        labels: of each image.

    Raises:
        UserError: if there is no such list, a line lacks its label, or a label is no class.
    """

    def __init__(
        self,
        data_root: str,
        split: str,
        num_classes: int,
        classes: Sequence[str] | None = None,
        depth: str | None = None,
        depth_kind: str = "depth",
        depth_scale: float = 1.0,
        depth_key: str | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        listed = find_list(split, self.root)
        if listed is None:
            raise UserError(f"no list {self.root / list_names(split)[0]} of images with labels; set data_root or split")
        self.classes = tuple(map(str, range(num_classes)) if classes is None else classes)
        if len(self.classes) != num_classes:
            raise UserError(
                f"ClassListDataset got {len(self.classes)} names of classes and num_classes={num_classes}; give as many"
            )
        frames = read_frame_list(listed, self.root, ("image",), numbers=("label",))
        self.names = [f"{frame.id}{frame.files[0].suffix}" for frame in frames]
        self.labels = [label_of(frame, num_classes) for frame in frames]
        self.files = [str(frame.files[0]) for frame in frames]
        files = DepthFiles(depth_kind, depth_scale, depth_key)
        self.depths = None if depth is None else files.of_images(depth, self.root, self.names)

    @property
    def metainfo(self) -> dict:
        """What MMEngine's loops tell a metric about the data set: the names of the classes."""
        return {**super().metainfo, "classes": self.classes}

    def __len__(self) -> int:
        return len(self.names)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged.
        """
        return class_sample(self.root, self.names[index], self.labels[index], self.depths, index, self.files[index])


def label_of(frame: ListedFrame, num_classes: int) -> int:
    """The label in a line of a list.

    Raises:
        UserError: if there is none, or it is no class.
    """
    label = frame.numbers.get("label")
    if label is None:
        raise UserError(f"{frame.place}: has no label, expected `<path> <label>`; fix the line")
    if label not in range(num_classes):
        raise UserError(
            f"{frame.place}: the label is {label:g}, expected a class, 0 to {num_classes - 1}; fix the line, or set "
            "num_classes here and in the head"
        )
    return int(label)
