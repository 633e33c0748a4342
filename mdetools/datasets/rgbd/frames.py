"""The frames of a data set of images with depth, found in folders or named by a list."""

import warnings
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import NamedTuple

from mdetools.datasets.readers.depth_file import DEPTH_ENDINGS
from mdetools.datasets.rgbd.frame_list import frames_with, read_frame_list
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line

__all__ = ["CAMERA", "IMAGE_ENDINGS", "RGBDFrame", "frames_in_folders", "frames_of_list"]

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".avif", ".jp2")
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
        UserError: as `read_frame_list`, or if no line names a depth file.
    """
    listed = frames_with(read_frame_list(path, root, numbers=CAMERA), 1, "depth", path)
    frames = []
    for frame in listed:
        camera = tuple(frame.numbers[name] for name in CAMERA if name in frame.numbers)
        image, depth = map(str, frame.files)
        frames.append(RGBDFrame(frame.id, image, depth, camera if len(camera) == len(CAMERA) else (), frame.place))
    return frames


def frames_in_folders(folder: Path, images: str, depths: str, otherwise: Path) -> list[RGBDFrame]:
    """The images that have a depth file of the same path and stem, in the order of their paths.

    Warns, once, of images without depth and of depth without an image.

    Args:
        folder: has the two folders, or has folders that have them, such as one for each scene.
        images: name of the folder of images, gone through with the folders below.
        depths: name of the folder of depth files, likewise.
        otherwise: the list that would name the frames if there were no folders.

    Raises:
        UserError: if there is no such folder, one has two files of one stem, or the two have no stem in common.
    """
    image_of = by_stem(files_in(folder, images, otherwise), IMAGE_ENDINGS)
    depth_of = by_stem(files_in(folder, depths, otherwise), DEPTH_ENDINGS)
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
        warnings.warn(f"{found}; they are left out", stacklevel=4)
    return [RGBDFrame(stem, image_of[stem], depth_of[stem]) for stem in both]


def example(stems: list[str]) -> str:
    """The first of some names, for a sentence."""
    return f" (e.g. {one_line(stems[0], 100)})" if stems else ""


def files_in(folder: Path, name: str, otherwise: Path) -> list[tuple[str, str]]:
    """The files below `<folder>/<name>`; if there is none, below each folder of that name at any depth.

    Returns:
        pairs of the path without that folder, such as `<scene>/1.png`, and the whole one.

    Raises:
        UserError: if there is no such folder, see `frames_in_folders`.
    """
    top, wanted = folder / name, PurePath(name).parts
    if top.is_dir():
        return [(file, str(top / file)) for file in files_below(top)]
    found = []
    for file in files_below(folder) if folder.is_dir() else ():
        *above, last = PurePath(file).parts
        at = next((at for at in range(len(above)) if tuple(above[at : at + len(wanted)]) == wanted), None)
        if at is not None:
            found.append((str(PurePath(*above[:at], *above[at + len(wanted) :], last)), str(folder / file)))
    if not found:
        raise UserError(
            f"no folder {top}, nor a '{name}' with files below {folder}, nor a list {otherwise}, expected folders of "
            "images and of their depth; set --data-root, split, image_folder or depth_folder"
        )
    return found


def by_stem(files: Iterable[tuple[str, str]], endings: Iterable[str]) -> dict[str, str]:
    """The files that have one of the endings: from path without ending to whole path.

    Raises:
        UserError: if two differ in nothing but their ending.
    """
    found = defaultdict(list)
    for name, whole in files:
        path = PurePath(name)
        if path.suffix.lower() in endings:
            found[path.with_suffix("").as_posix()].append(whole)
    for paths in found.values():
        if len(paths) > 1:
            raise UserError(
                f"{one_line(' and '.join(paths), 500)} have the same name but for the ending, expected one file per "
                "frame; move the others away, or write a list"
            )
    return {stem: paths[0] for stem, paths in found.items()}
