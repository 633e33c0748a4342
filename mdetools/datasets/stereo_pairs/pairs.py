"""The pairs of a data set, found in folders or named by a list."""

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mdetools.datasets.matching import IMAGE_ENDINGS, by_name
from mdetools.datasets.readers.depth_file import DEPTH_ENDINGS
from mdetools.datasets.rgbd.frame_list import frames_with, list_names, numbered_lines, read_frame_list
from mdetools.datasets.walking import files_below
from mdetools.errors import UserError, one_line

__all__ = ["StereoPair", "pairs_in_folders", "pairs_of_list"]

NUMBERS = ("focal", "baseline")


class StereoPair(NamedTuple):
    """A left and a right image, and the left one's depth or disparity if that is known."""

    id: str
    left: str
    right: str
    depth: str | None = None
    numbers: Mapping[str, float] = {}  # `focal` in pixels and `baseline` in metres, those that a list has
    place: str = ""  # <list>:<line>


def pairs_of_list(path: Path, root: Path) -> list[StereoPair]:
    """The pairs that a list names: left, right, optionally depth (or disparity), and then focal length and baseline.

    If a line names a depth file, those that name none are left out, with a warning.

    Raises:
        UserError: as `read_frame_list`, or if no line names a right image.
    """
    header = next((line for _, line in numbered_lines(path, "lines `<left> <right>`")), "")
    depth_column = "disparity" if re.search(r"\bdisparity", header, re.IGNORECASE) else "depth"
    listed = read_frame_list(path, root, ("left", "right", depth_column), (depth_column,), NUMBERS)
    listed = frames_with(listed, 1, "right image", path)
    if any(frame.files[2] is not None for frame in listed):
        listed = frames_with(listed, 2, depth_column, path)
    return [
        StereoPair(frame.id, *(None if file is None else str(file) for file in frame.files), frame.numbers, frame.place)
        for frame in listed
    ]


def pairs_in_folders(folder: Path, left: str, right: str, depth: str | None = None) -> list[StereoPair]:
    """The files of a folder that belong together, by the name that stands for `*` in their patterns.

    Warns, once, of left images that lack another file.

    Args:
        folder: gone through with the folders below.
        left: pattern of the left images, see `by_name`.
        right: pattern of the right ones.
        depth: pattern of depth or disparity files, or None.

    Raises:
        UserError: if there is no such folder, no pair in it, or two files of one name.
    """
    if not folder.is_dir():
        raise UserError(
            f"no folder {folder}, and no list {list_names(folder)[0]}; set --data-root and split, or write a list "
            "with lines `<left> <right>`"
        )
    files = files_below(folder)
    patterns = {"left": (left, IMAGE_ENDINGS), "right": (right, IMAGE_ENDINGS)}
    if depth is not None:
        patterns["depth"] = (depth, DEPTH_ENDINGS)
    found = {kind: by_name(files, *pattern, folder) for kind, pattern in patterns.items()}
    whole = sorted(set.intersection(*map(set, found.values())))
    lacking = sorted(found["left"].keys() - set(whole))
    if not whole:
        counts = ", ".join(f"{len(names)} {kind} ('{patterns[kind][0]}')" for kind, names in found.items())
        raise UserError(
            f"{folder}: no files that belong together, found {counts}; expected the same name in each, as left/a/1.png "
            "with right/a/1.png; set the options of these names, or write a list"
        )
    if lacking:
        what = " or ".join(kind for kind in found if kind != "left")
        warnings.warn(
            f"{folder}: {len(lacking)} of {len(found['left'])} left images have no {what} file (e.g. "
            f"{one_line(found['left'][lacking[0]], 100)}); they are left out",
            stacklevel=4,
        )
    return [StereoPair(name, *(str(folder / names[name]) for names in found.values())) for name in whole]
