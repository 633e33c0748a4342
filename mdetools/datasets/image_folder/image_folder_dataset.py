"""Any images, without ground truth, or with pseudo-labels beside them."""

from posixpath import splitext

from mdetools.datasets.base import BaseDataset, Pipeline
from mdetools.datasets.checks import check_image
from mdetools.datasets.image_folder.images import find_images
from mdetools.datasets.image_folder.labels import find_labels, read_label
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.readers.image_bits import check_image_bits
from mdetools.datasets.rgbd.sizes import SIZES, to_common_size
from mdetools.datasets.sample import relative_sample
from mdetools.errors import UserError, one_line, suggest
from mdetools.registry import DATASETS

__all__ = ["ImageFolderDataset"]


@DATASETS.register_module()
class ImageFolderDataset(BaseDataset):
    """Images alone: `image`, `unlabelled` (True), and `meta`, whose `id` is the path without its ending.

    With `labels`, what a teacher predicted for them, samples have `inverse_depth` and `valid_mask` too, and stay
    `unlabelled`, since no sensor or renderer measured it. Labels have the path and stem of their image, and are read by
    `read_label`: what `tools/pseudo_label.py` writes, or files of your own that are larger where nearer.

    >>> dataset = ImageFolderDataset("data/photos", labels="data/photos_labels")  # doctest: +SKIP
    >>> sorted(dataset.load(0))  # doctest: +SKIP
    ['image', 'inverse_depth', 'meta', 'unlabelled', 'valid_mask']

    Args:
        data_root: folder of the images, or a pattern, a list or an archive of them, see `find_images`. Images are taken
            as they are stored, see `read_image`.
        labels: folder of the pseudo-labels, or an archive of them; images without a label are left out, with a warning.
        split: list of the images in the folder `data_root`, its name there or its path; None takes all.
        depth_key: name of the array in label files that hold several, see `read_label`.
        match_size: whose size image and label both get where theirs differ, `image` or `depth`, see `to_common_size`.
        image_bits: that the camera fills of 16-bit images, 8 to 16; None takes them image by image, see `read_image`.
        pipeline: configs of transforms, see `BaseDataset`.

    Attributes:
        names: paths of the images, relative to the folder or the archive.
        source: what they are from.
        pattern: that paths below `root` are looked for by, in parts; None if a list or an archive names them.

    Raises:
        UserError: if there is no such folder, list, pattern or archive, no image in it, or no label to any.
    """

    def __init__(
        self,
        data_root: str,
        labels: str | None = None,
        split: str | None = None,
        depth_key: str | None = None,
        match_size: str | None = None,
        image_bits: int | None = None,
        pipeline: Pipeline = (),
    ) -> None:
        super().__init__(pipeline)
        if match_size not in (None, *SIZES):
            found = one_line(match_size, 80)
            raise UserError(f"ImageFolderDataset has no match_size '{found}'; {suggest(match_size, SIZES)}")
        check_image_bits(image_bits, "ImageFolderDataset")
        self.key, self.match_size, self.image_bits = depth_key, match_size, image_bits
        self.source = data_root if split is None else f"{data_root} ({split})"
        self.root, self.names, self.files, self.pattern = find_images(data_root, split)
        self.labels = None
        if labels is not None:
            found = find_labels(labels, self.names)
            kept = [at for at, label in enumerate(found) if label is not None]
            self.names, self.files = [self.names[at] for at in kept], [self.files[at] for at in kept]
            self.labels = [found[at] for at in kept]

    def __len__(self) -> int:
        return len(self.names)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`, checked. See `BaseDataset.load`.

        Raises:
            UserError: if a file is missing or damaged, or image and label differ in size.
        """
        name, file = splitext(self.names[index])[0], self.files[index]
        image = read_image(file, bits=self.image_bits)
        if self.labels is None:
            check_image(image, str(file))
            return {"image": image, "unlabelled": True, "meta": {"id": name, "path": str(file)}}
        label = self.labels[index]
        path = str(label)
        image, values = to_common_size(image, read_label(label, self.key), self.match_size, path)
        return relative_sample(image, values, None, name, path) | {"unlabelled": True}
