"""Images and the masks that belong to them, and the sample that they make."""

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mdetools.datasets.checks import check_image, size_cure
from mdetools.datasets.matching import IMAGE_ENDINGS, by_name
from mdetools.datasets.readers.class_map import MASK_ENDINGS, read_class_map
from mdetools.datasets.readers.image import read_image
from mdetools.datasets.rgbd.frame_list import frames_with, read_frame_list
from mdetools.datasets.segmentation_folder.classes import ClassTable
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line

__all__ = ["SegmentationFrame", "frames_in_folders", "frames_of_list", "segmentation_sample"]


class SegmentationFrame(NamedTuple):
    """An image and its mask."""

    id: str
    image: str
    mask: str


def frames_of_list(path: Path, root: Path) -> list[SegmentationFrame]:
    """The frames that a list names, image and mask; a line without a mask is left out, with a warning.

    Raises:
        UserError: as `read_frame_list`.
    """
    listed = frames_with(read_frame_list(path, root, ("image", "mask"), ("mask",)), 1, "mask", path)
    return [SegmentationFrame(frame.id, *map(str, frame.files)) for frame in listed]


def frames_in_folders(root: Path, split: str, images: str, masks: str, layout: str) -> list[SegmentationFrame]:
    """The images of a split that have a mask of the same name, in the order of their names.

    Warns, once, of images without a mask, which are left out.

    Args:
        root: gone through with the folders below.
        split: first part of the name that an image and its mask have in common.
        images: pattern of the images, see `by_name`.
        masks: pattern of the masks.
        layout: what the files are expected to be called, for errors.

    Raises:
        UserError: if there is no such folder, nothing in it, two files have one name, or no image has a mask.
    """
    if not root.is_dir():
        raise UserError(f"no folder {root}, expected {layout} in it; set --data-root")
    files = files_below(root)
    image_of, mask_of = (
        {name: file for name, file in by_name(files, pattern, endings, root).items() if name.startswith(f"{split}/")}
        for pattern, endings in ((images, IMAGE_ENDINGS), (masks, MASK_ENDINGS))
    )
    if not image_of or not mask_of:
        found = one_line(", ".join(sorted({file.partition("/")[0] for file in files})) or "nothing", 200)
        raise UserError(
            f"{root}: {len(image_of)} images and {len(mask_of)} masks of the split '{one_line(split, 80)}', expected "
            f"{layout} (masks: {' '.join(MASK_ENDINGS)}); it holds {found}: set --data-root or split"
        )
    both = sorted(image_of.keys() & mask_of.keys())
    without = sorted(image_of.keys() - mask_of.keys())
    text = f"{root}: {len(without)} of {len(image_of)} images of '{split}' have no mask" + (
        f", e.g. {one_line(image_of[without[0]], 200)}" if without else ""
    )
    if not both:
        raise UserError(f"{text}; expected one of the same name, {layout}; rename them, or write a list")
    if without:
        warnings.warn(f"{text}; they are left out", stacklevel=4)
    return [SegmentationFrame(name, str(root / image_of[name]), str(root / mask_of[name])) for name in both]


def segmentation_sample(frame: SegmentationFrame, table: ClassTable, image_bits: int | None = None) -> dict:
    """The working sample of a frame, checked: `image`, `semantic` int64 (H, W) and `meta`.

    Raises:
        UserError: if a file cannot be read, the mask has another size than the image, or it holds no classes.
    """
    image, numbers = read_image(frame.image, bits=image_bits), read_class_map(frame.mask)
    check_image(image, frame.image)
    if numbers.shape != image.shape[:2]:
        sizes = ["x".join(map(str, one)) for one in (numbers.shape, image.shape[:2])]
        cure = size_cure(numbers.shape, image.shape, "copy both again, or resize the mask to the nearest pixel")
        raise UserError(f"{frame.mask}: the mask is {sizes[0]} and its image {sizes[1]}, expected one size; {cure}")
    semantic: np.ndarray = table(numbers, frame.mask)
    return {"image": image, "semantic": semantic, "meta": {"id": frame.id, "path": frame.mask}}
