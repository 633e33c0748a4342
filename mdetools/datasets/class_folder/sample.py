"""The working sample of an image with a class."""

from pathlib import Path
from posixpath import splitext

from mdetools.datasets.checks import check_image
from mdetools.datasets.class_folder.depth_files import ImageDepths
from mdetools.datasets.readers.image import read_image

__all__ = ["class_sample"]


def class_sample(
    root: Path, name: str, label: int, depths: ImageDepths | None, index: int, file: str | None = None
) -> dict:
    """Reads an image, and its depth if there is any.

    Args:
        root: folder of the images.
        name: of the image in it.
        label: its class.
        depths: of all images; None for none.
        index: of this one.
        file: the image's path, where it is not `root / name`.

    Raises:
        UserError: if a file is missing or damaged.
    """
    path = str(root / name) if file is None else file
    image = read_image(path)
    check_image(image, path)
    sample = {"image": image, "label": label, "meta": {"id": splitext(name)[0], "path": path}}
    return sample if depths is None else sample | depths.read(index, image)
