"""Which of a split's frames are on the disk."""

import os
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason
from mdetools.reading import read_cure

__all__ = ["file_names", "keep_present", "tell_missing"]

Frame = TypeVar("Frame")


def keep_present(
    frames: Sequence[Frame], path_of: Callable[[Frame], str], root: Path, place: object, cure: str
) -> list[Frame]:
    """The frames whose file is there, with a warning that counts the others; each folder is listed once.

    Args:
        frames: of a split.
        path_of: gives a frame's file, relative to the root.
        root: folder of the data set.
        place: where the frames are named, for messages.
        cure: what to do if none is there.

    Raises:
        UserError: if no frame has its file.
    """
    names = cache(lambda folder: file_names(root / folder))
    present, missing = [], []
    for frame in frames:
        path = path_of(frame)
        folder, name = os.path.split(path)
        if name in names(folder):
            present.append(frame)
        else:
            missing.append(path)
    tell_missing(missing, len(frames), root, place, cure)
    return present


def tell_missing(missing: Sequence[str], total: int, root: Path, place: object, cure: str) -> None:
    """Warns that of a split's `total` frames the `missing` ones, by their paths, are not in the root.

    Raises:
        UserError: if that is all of them, or the split is empty.
    """
    if not total:
        raise UserError(f"{place}: names no frame, expected at least one; fix the file, or choose another split")
    if not missing:
        return
    found = f"{place}: {len(missing)} of {total} frames are not in {root}, e.g. {one_line(missing[0], 200)}"
    if len(missing) == total:
        raise UserError(f"{found}; {cure}")
    warnings.warn(f"{found}; they are left out", stacklevel=4)


def file_names(folder: Path) -> frozenset[str]:
    """Names in a folder; none if there is no such folder.

    Raises:
        UserError: if it cannot be listed.
    """
    try:
        return frozenset(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
    except (OSError, ValueError) as error:
        cure = read_cure(error, "look after it, or move it away")
        raise UserError(f"{one_line(folder, 300)}: cannot be listed ({failure_reason(error)}); {cure}") from error
