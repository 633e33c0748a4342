"""What people have pictures in: files, folders, patterns, lists, videos, cameras, arrays, and iterators of these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from mdetools.apis.inference.arrays import ValueRange, array_of_pil, picture_of, split_stack
from mdetools.apis.inference.video import Video, is_video, read_camera, read_video
from mdetools.datasets.image_folder.images import LISTS, find_images
from mdetools.datasets.image_folder.patterns import split_pattern
from mdetools.datasets.readers.archive import ArchiveMember
from mdetools.datasets.readers.image import read_image
from mdetools.errors import UserError, one_line
from mdetools.reading import is_file

__all__ = ["Entry", "FoundFile", "entries_of", "find_files"]

EXPECTED = "a path, folder, pattern, list, array, PIL image, tensor, video, camera's number, or an iterable of them"


@dataclass(frozen=True)
class Entry:
    """One picture that is still to be read.

    Attributes:
        read: gives it, RGB (H, W, 3), uint8, or float32 in 0..255.
        path: of its file; None of what comes from memory.
        root: folder in which a file of its camera is looked for, its own and those above it up to here.
        frame: number of a video's frame.
    """

    read: Callable[[], np.ndarray]
    path: str | None = None
    root: Path | None = None
    frame: int | None = None


class FoundFile(NamedTuple):
    """A file that a path, a folder, a pattern or a list means.

    Attributes:
        source: what reads it: a path, or a member of an archive.
        name: its path relative to the place that was named, with its ending.
        root: that place.
    """

    source: object
    name: str
    root: Path


def find_files(path: str) -> list[FoundFile]:
    """The files that are meant by a path: itself, those of a folder, of a pattern, of a list or in an archive.

    Raises:
        UserError: if there is no such thing, or there is no image in it.
    """
    place = Path(path)
    named = is_file(place) and not place.name.lower().endswith((*LISTS, ".tar", ".zip"))
    special = place.exists() and not place.is_dir() and not is_file(place)  # such as a pipe
    if named or special or not (place.exists() or split_pattern(path)):
        return [FoundFile(path, place.name, place.parent)]  # what cannot be read is told of when it is due
    found = find_images(path, None)
    return [FoundFile(file, name, found.root) for file, name in zip(found.files, found.names, strict=True)]


def entries_of(inputs: object, value_range: ValueRange = None) -> Iterator[Entry]:
    """The pictures that an input of any kind means, one after the other; nothing is read before it is due.

    Args:
        inputs: a path (str or Path) of an image or a video, a folder, a pattern, a list (.txt or .csv); an array or a
            tensor, see `split_stack`; a PIL image; a member of an archive; the number of a camera; or an iterable of
            any of these.
        value_range: the values of black and of white in arrays and tensors that are not uint8.

    Raises:
        UserError: if it is anything else.
    """
    if isinstance(inputs, str | Path):
        yield from of_path(str(inputs))
    elif isinstance(inputs, ArchiveMember):
        yield Entry(partial(read_image, inputs, upright=True), str(inputs))
    elif isinstance(inputs, Image.Image):
        yield Entry(lambda: picture_of(array_of_pil(inputs), value_range), getattr(inputs, "filename", "") or None)
    elif isinstance(inputs, np.ndarray | torch.Tensor):
        yield from (Entry(partial(picture_of, one, value_range)) for one in split_stack(inputs))
    elif isinstance(inputs, int) and not isinstance(inputs, bool):
        yield from of_video(read_camera(inputs), f"camera {inputs}")
    elif isinstance(inputs, bytes | dict) or not hasattr(inputs, "__iter__"):
        raise UserError(
            f"an input is a {type(inputs).__name__}, {one_line(inputs, 60)}, expected {EXPECTED}; convert it"
        )
    else:
        for one in inputs:
            if isinstance(one, list | tuple) and one and isinstance(one[0], list | tuple | int | float):
                raise UserError(
                    "an input is a list of lists of numbers, expected an array for a picture; make it one, as by "
                    "np.array(..., np.uint8)"
                )
            yield from entries_of(one, value_range)


def of_path(path: str) -> Iterator[Entry]:
    """The pictures that a path means."""
    if is_video(path):
        yield from of_video(read_video(path), path)
        return
    for file in find_files(path):
        yield Entry(partial(read_image, file.source, upright=True), str(file.source), file.root)


def of_video(video: Video, name: str) -> Iterator[Entry]:
    """The frames of a video as pictures."""
    for number, frame in enumerate(video.frames):
        yield Entry(lambda frame=frame: frame, name, Path(name).parent, number)
