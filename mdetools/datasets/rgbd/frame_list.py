"""Lists of frames, .txt or .csv: the one reader for all lists that name files."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from mdetools.datasets.rgbd.list_line import Columns, LineParser, ListedFrame
from mdetools.errors import UserError, one_line
from mdetools.reading import is_file, read_lines

__all__ = ["ListedFrame", "find_list", "frames_with", "list_names", "numbered_lines", "read_frame_list"]


LISTS = (".txt", ".csv")


def list_names(split: str | Path, endings: Sequence[str] = LISTS) -> list[str]:
    """What the list of a split may be called: as the split if that has one of the endings, or else with each."""
    split = str(split)
    return [split] if split.lower().endswith(tuple(endings)) else [f"{split}{ending}" for ending in endings]


def find_list(
    split: str | Path, root: Path, endings: Sequence[str] = LISTS, folders: Sequence[str] = (".",)
) -> Path | None:
    """The list of a split; None if there is none.

    Args:
        split: name of a list in the root, or its path from the root or, if there is no such file, from here.
        root: folder of the data set.
        endings: those that lists have; a path has one of them, a name without may get each.
        folders: of the root in which lists lie.
    """
    names = list_names(split, endings)
    places = [root / folder / name for folder in folders for name in names]
    return next(filter(is_file, [*places, Path(split)] if names == [str(split)] else places), None)


def numbered_lines(path: str | Path, expected: str) -> list[tuple[int, str]]:
    """The lines of a list that say something, neither empty nor a comment, each with its number from 1.

    Args:
        path: of the list.
        expected: what should be in it, for the error.

    Raises:
        UserError: as `read_lines`.
    """
    lines = enumerate(read_lines(path, expected), 1)
    return [(number, line) for number, line in lines if line.strip() and line.lstrip()[0] != "#"]


def read_frame_list(
    path: str | Path,
    root: str | Path,
    files: Sequence[str] = ("image", "depth"),
    optional: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> list[ListedFrame]:
    """The frames that a list names, one a line.

    Columns are set apart by tabs or spaces (of a .csv by commas or semicolons), names with spaces stand in quotes; what
    follows `#` is a comment. A first line that has the columns' names is a header, and gives their order;
    without one, numbers before and between the files, such as times, are passed over. Files are relative to `root` or
    to the list, or absolute; a leading `/` may also mean `root`. `None` stands for no file.

    Args:
        path: of the list, UTF-8 with a byte order mark or without.
        root: folder of the files.
        files: names of the columns that name files, in their order; the first must always be there.
        optional: those of `files`, the last ones, that a line may leave out.
        numbers: names of the columns of numbers that follow; a line has all of them, or they are not read.

    Raises:
        UserError: if the list cannot be read or is empty, a line is malformed, or names files that are not there: the
            first is named, and how many lines do so.
    """
    path, root = Path(path), Path(root)
    columns = Columns(tuple(files), tuple(optional), tuple(numbers))
    lines = numbered_lines(path, f"lines {columns}")
    parser = LineParser(path, root, columns)
    if lines and parser.take_header(lines[0][1]):
        del lines[0]
    if not lines:
        raise UserError(f"{path}: the list is empty, expected lines {columns}; write it again")
    parsed = [parser.parse(line, f"{path}:{number}") for number, line in lines]
    missing = [(frame.place, name) for frame, name in parsed if name is not None]
    if missing:
        place, name = missing[0]
        number, line = lines[0]
        if place == f"{path}:{number}" and parser.like_header(line):
            raise UserError(
                f"{place}: '{one_line(line, 100)}' names no files and looks like a header; expected columns "
                f"{', '.join(columns.required)}; name them so"
            )
        others = f" ({len(missing)} of {len(parsed)} lines name files that are not there)" if len(parsed) > 1 else ""
        raise UserError(
            f"{place}: names {one_line(name, 300)}, which is not in {root}{others}; fix the line or set --data-root"
        )
    return [frame for frame, _ in parsed]


def frames_with(frames: list[ListedFrame], column: int, name: str, path: Path) -> list[ListedFrame]:
    """Those that have a file in a column; warns, once, of the others.

    Args:
        frames: of a list.
        column: number of the file.
        name: what the file is.
        path: of the list.

    Raises:
        UserError: if none has.
    """
    kept = [frame for frame in frames if frame.files[column] is not None]
    if not kept:
        raise UserError(f"{path}: none of its {len(frames)} lines names a {name}, expected <{name}>; fix the list")
    if len(kept) < len(frames):
        warnings.warn(
            f"{path}: {len(frames) - len(kept)} of {len(frames)} lines name no {name}; they are left out", stacklevel=4
        )
    return kept
