"""Images sorted into a folder per class."""

from collections.abc import Sequence
from pathlib import Path

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.class_folder.depth_files import DepthFiles
from mdetools.datasets.class_folder.folders import classes_of, images_by_class
from mdetools.datasets.class_folder.sample import class_sample
from mdetools.registry import DATASETS

__all__ = ["ClassFolderDataset"]


@DATASETS.register_module()
class ClassFolderDataset(BaseDataset):
    """Images in `<data_root>/<split>/<class>/**`: `image`, `label`, and with `depth` also `inverse_depth`.

    Labels count the classes in the order of their names.

    >>> dataset = ClassFolderDataset("data/shapes", "train", depth="depth")  # doctest: +SKIP
    >>> dataset.classes, sorted(dataset.load(0))  # doctest: +SKIP
    (('cube', 'sphere'), ['image', 'inverse_depth', 'label', 'meta', 'valid_mask'])

    Args:
        data_root: folder of the data set.
        split: folder in it; None where the classes' folders lie in `data_root` itself.
        classes: their names, in the order of the labels; None takes those of `<data_root>/train` where it is there, so
            that all splits count alike, else those of the split.
        depth: folder of depth or of pseudo-labels, from `data_root` or from here, with the paths and stems that the
            images have below `data_root`; see `DepthFiles`.
        depth_kind: what is in these files: "depth", metres along the optical axis, or "relative_inverse_depth", as
            `tools/pseudo_label.py` writes it.
        depth_scale: the files' units per metre, for "depth".
        depth_key: name of the array in files that hold several.
        pipeline: configs of transforms, see `BaseDataset`.

    Attributes:
        classes: names.
        names: paths of the images, relative to `data_root`.
        labels: of each image.

    Raises:
        UserError: if there is no such folder, fewer than two classes, a class without images, or one without a label,
            or images without depth.
    """

    def __init__(
        self,
        data_root: str,
        split: str | None = "train",
        classes: Sequence[str] | None = None,
        depth: str | None = None,
        depth_kind: str = "depth",
        depth_scale: float = 1.0,
        depth_key: str | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        self.root = Path(data_root)
        folder = self.root if split is None else self.root / split
        self.classes = classes_of(folder, self.root / "train", classes)
        found = images_by_class(folder, self.classes)
        below = "" if split is None else f"{Path(split).as_posix()}/"
        self.names = [f"{below}{name}" for names in found.values() for name in names]
        self.labels = [self.classes.index(name) for name, names in found.items() for _ in names]
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
        return class_sample(self.root, self.names[index], self.labels[index], self.depths, index)
