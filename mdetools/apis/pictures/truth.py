"""The images that models are compared on, with their ground truth."""

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from posixpath import splitext
from typing import NamedTuple

import numpy as np

from mdetools.apis.inference.inputs import FoundFile, find_files
from mdetools.datasets.checks import check_depth
from mdetools.datasets.image_folder.labels import files_by_stem
from mdetools.datasets.readers.archive import ArchiveMember
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.rgbd.depth_kinds import HOLES, to_metres
from mdetools.errors import UserError, one_line

__all__ = ["Photo", "photos_with_truth", "read_truth"]

MILLIMETRES = 1000.0


class Photo(NamedTuple):
    """An image, and the file of its true depth.

    Attributes:
        name: relative to the place that was named.
        path: of the image.
        truth: of the depth; None if there is none.
    """

    name: str
    path: str | ArchiveMember
    truth: str | None = None


def photos_with_truth(images: Sequence[str], truth: Sequence[str] = ()) -> list[Photo]:
    """The images that words mean, with the depth files that belong to them.

    Args:
        images: paths, folders, patterns, lists.
        truth: depth files, as many as images and in their order; or one folder, in which the depth of an image has its
            path and stem. Images without one are told of.

    Raises:
        UserError: if there is no such file or folder, or it is not clear what belongs to what.
    """
    files = called_apart([file for word in images for file in find_files(word)])
    if len(truth) == 1 and Path(truth[0]).is_dir():
        return from_folder(files, truth[0])
    if truth and len(truth) != len(files):
        raise UserError(
            f"--truth names {len(truth)} files for {len(files)} images, expected one for each in their order, or a "
            "folder that holds them by the images' names; name as many"
        )
    missing = [path for path in truth if not Path(path).is_file()]
    if missing:
        raise UserError(f"--truth: no file '{one_line(missing[0], 300)}'; name one that is there")
    depths = truth or [None] * len(files)
    return [Photo(file.name, file.source, path) for file, path in zip(files, depths, strict=True)]


def called_apart(files: Sequence[FoundFile]) -> list[FoundFile]:
    """The files, each once; those that have one name, from several folders, under their whole paths."""
    once = list({str(file.source): file for file in files}.values())
    counts = Counter(file.name for file in once)
    return [file if counts[file.name] == 1 else file._replace(name=str(file.source)) for file in once]


def from_folder(files: Sequence[FoundFile], folder: str) -> list[Photo]:
    """The images with the depth files of a folder by the same path and stem.

    Raises:
        UserError: if no image has one there, or one has several.
    """
    by_stem, photos, owners = files_by_stem(folder), [], {}
    for file in files:
        stem = splitext(file.name)[0]
        found, other = by_stem.get(stem, []), owners.setdefault(stem, file.name)
        if found and other != file.name:
            raise UserError(
                f"--truth: {found[0]} could belong to {other} and to {file.name}, expected one; name the files"
            )
        if len(found) > 1:
            both = one_line(" and ".join(map(str, found)), 300)
            raise UserError(f"--truth: {both} could both belong to {file.name}, expected one; name the files")
        photos.append(Photo(file.name, file.source, str(found[0]) if found else None))
    without = [photo.name for photo in photos if photo.truth is None]
    if without:
        text = f"--truth {folder}: {len(without)} of {len(photos)} images have no depth in it, e.g. {without[0]}"
        if len(without) == len(photos):
            raise UserError(f"{text}, expected {splitext(without[0])[0]}.png, .npy or the like; name the files")
        warnings.warn(f"{text}; they are shown without", stacklevel=2)
    return photos


def read_truth(path: str, scale: float | None = None, key: str | None = None) -> np.ndarray:
    """The true depth in a file, float32 (H, W), metres, 0 where it is not known.

    Args:
        path: of any format that `read_depth_file` reads.
        scale: of the file's numbers to a metre; None takes 1000 for whole numbers, and 1 for floating point.
        key: name of the array, of files that hold several.

    Raises:
        UserError: if it cannot be read, or holds no depth.
    """
    values = read_depth_file(path, key)
    if scale is None:
        scale = 1.0 if values.dtype.kind == "f" else MILLIMETRES
    depth = to_metres(values, "depth", scale, HOLES, path=path)
    check_depth(depth, path)
    return depth
