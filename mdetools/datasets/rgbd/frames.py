"""The frames of a data set of images with depth, found in folders or named by a list."""

import warnings
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.matching import IMAGE_ENDINGS, by_name
from mdetools.datasets.readers.depth_file import DEPTH_ENDINGS
from mdetools.datasets.rgbd.frame_list import frames_with, read_frame_list
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line

__all__ = ["CAMERA", "RGBDFrame", "frames_in_folders", "frames_of_list"]

CAMERA = ("fx", "fy", "cx", "cy")


class RGBDFrame(NamedTuple):
    """An image and its depth."""

    id: str  # the image's path without its ending, relative to its folder, or to the root
    image: str
    depth: str
    camera: tuple[float, ...] = ()  # fx, fy, cx, cy of a list
    place: str = ""  # <list>:<line>


def frames_of_list(path: Path, root: Path) -> list[RGBDFrame]:
    """The frames that a list names: image, depth, and optionally fx, fy, cx, cy.

    Raises:
        UserError: as `read_frame_list`, or if no line names a depth file, or one has a part of a camera.
    """
    listed = frames_with(read_frame_list(path, root, numbers=CAMERA), 1, "depth", path)
    frames = []
    for frame in listed:
        camera, image, depth = tuple(frame.numbers.values()), *map(str, frame.files)
        if len(camera) not in (0, len(CAMERA)):
            given = ", ".join(frame.numbers)
            raise UserError(
                f"{frame.place}: a camera of {given} alone, expected fx, fy, cx, cy or none; add the others"
            )
        frames.append(RGBDFrame(frame.id, image, depth, camera, frame.place))
    return frames


def frames_in_folders(folder: Path, images: str, depths: str, otherwise: str) -> list[RGBDFrame]:
    """The images that have a depth file of the same name, in the order of their names.

    Warns, once, of images without depth and of depth without an image.

    Args:
        folder: gone through with the folders below.
        images: pattern of the images, see `by_name`.
        depths: pattern of the depth files.
        otherwise: the list that would name the frames if there were no such folder.

    Raises:
        UserError: if there are no such files, two have one name, or no image has a depth file.
    """
    if not folder.is_dir():
        raise UserError(f"no folder {folder}, nor a list {otherwise}; set --data-root or split")
    files = files_below(folder)
    image_of = by_name(files, images, IMAGE_ENDINGS, folder)
    depth_of = by_name(files, depths, DEPTH_ENDINGS, folder)
    if not image_of or not depth_of:
        raise UserError(
            f"{folder}: {len(image_of)} images in '{images}' and {len(depth_of)} depth files in '{depths}', and no "
            f"list {otherwise}, expected images and their depth; set --data-root, split, images or depths"
        )
    both = sorted(image_of.keys() & depth_of.keys())
    alone, without = sorted(image_of.keys() - depth_of.keys()), sorted(depth_of.keys() - image_of.keys())
    found = (
        f"{folder} has {len(image_of)} images in '{images}', of which {len(alone)} have no depth{example(alone)}, and "
        f"{len(depth_of)} depth files in '{depths}', of which {len(without)} have no image{example(without)}"
    )
    if not both:
        raise UserError(
            f"{found}; expected the same name in both, as images/a/1.jpg with depth/a/1.png (images: "
            f"{' '.join(IMAGE_ENDINGS)}; depth: {' '.join(DEPTH_ENDINGS)}); rename them, or write a list"
        )
    if alone or without:
        warnings.warn(f"{found}; they are left out, expected the same name in both folders", stacklevel=4)
    return [RGBDFrame(name, str(folder / image_of[name]), str(folder / depth_of[name])) for name in both]


def example(names: list[str]) -> str:
    """The first of some names, for a sentence."""
    return f" (e.g. {one_line(names[0], 100)})" if names else ""
