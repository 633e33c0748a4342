"""Lists of frames, .txt or .csv: the one reader for all lists that name files."""

import csv
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mdetools.errors import UserError, one_line
from mdetools.reading import is_file, read_lines

__all__ = ["ListedFrame", "find_list", "frames_with", "read_frame_list"]

WORDS = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
NO_FILE = {"", "none", "null", "nan", "-"}
# What headers call the first column, after `_path` and the like.
FIRST = {"image", "rgb", "color", "colour", "left", "img"}
SUFFIX = re.compile(r"_?(path|file|filename|name)$")


class ListedFrame(NamedTuple):
    """What one line of a list names."""

    place: str  # <list>:<line>
    id: str  # the first file without its ending, relative to the root where it lies below that
    files: tuple[Path | None, ...]  # None where the line says so
    numbers: dict[str, float]  # by the column's name; those that the line has


class Columns(NamedTuple):
    """What the columns of a list are."""

    files: tuple[str, ...]
    optional: tuple[str, ...]
    numbers: tuple[str, ...]
    header: list[str] | None = None  # the names in the order of the list, where it has a header

    @property
    def needed(self) -> int:
        """How many words a line has at least."""
        return len(self.files) - len(self.optional)

    def __str__(self) -> str:
        return "`" + " ".join(f"<{name}>" for name in self.files[: self.needed]) + "`"


def find_list(split: str, root: Path) -> Path | None:
    """The list of a split: a path of a .txt or .csv, from here or from the root, or `<root>/<split>.txt` or `.csv`."""
    if split.lower().endswith((".txt", ".csv")):
        places = [root / split, Path(split)]
    else:
        places = [root / f"{split}{ending}" for ending in (".txt", ".csv")]
    return next(filter(is_file, places), None)


def read_frame_list(
    path: str | Path,
    root: str | Path,
    files: Sequence[str] = ("image", "depth"),
    optional: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> list[ListedFrame]:
    """The frames that a list names, one a line.

    Columns are set apart by tabs or spaces (of a .csv by commas or semicolons), names with spaces stand in quotes; what
    follows `#` is a comment. A first line that has the columns' names is a header, and gives their order. Files are
    relative to `root` or to the list, or absolute; a leading `/` may also mean `root`. `None` stands for no file.

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
    text = read_lines(path, f"lines {columns}")
    lines = [(number, line) for number, line in enumerate(text, 1) if line.strip() and line.lstrip()[0] != "#"]
    header = header_of(lines[0][1], columns, path) if lines else None
    if header:
        columns, lines = columns._replace(header=header), lines[1:]
    if not lines:
        raise UserError(f"{path}: the list is empty, expected lines {columns}; write it again")
    parsed = [parse_line(line, f"{path}:{number}", columns, path, root) for number, line in lines]
    missing = [(frame, file) for frame in parsed for file in frame.files if isinstance(file, str)]
    if missing:
        frame, name = missing[0]
        lacking = len({frame.place for frame, _ in missing})
        others = f" ({lacking} of {len(parsed)} lines name files that are not there)" if len(parsed) > 1 else ""
        raise UserError(
            f"{frame.place}: names {one_line(name, 300)}, which is not in {root}{others}; "
            "fix the line or set --data-root"
        )
    return parsed


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


def header_of(line: str, columns: Columns, path: Path) -> list[str] | None:
    """The columns' names if a line is a header."""
    for words in splittings(line, path):
        names = [SUFFIX.sub("", word.lower()) or word.lower() for word in words]
        names = [columns.files[0] if name in FIRST and columns.files[0] in FIRST else name for name in names]
        if set(columns.files[: columns.needed]) <= set(names):
            return names
    return None


def parse_line(line: str, place: str, columns: Columns, path: Path, root: Path) -> ListedFrame:
    """The frame of one line. A file that is not there stays the word of the line.

    Of the ways to take the line apart the first is taken whose files are there.
    """
    frame = None
    for words in splittings(line, path):
        names, rest = file_words(words, columns)
        if names is None:
            continue
        files = tuple(None if name is None else find(name, path, root) for name in names)
        there = all(not isinstance(file, str) for file in files)
        if frame is None or there:
            numbers = numbers_of(rest, columns, place) if there else {}
            frame = ListedFrame(place, frame_id(files[0], root), files, numbers)
        if there:
            return frame
    if frame is None:
        raise UserError(f"{place}: found '{one_line(line, 100)}', expected {columns}; fix the line")
    return frame


def splittings(line: str, path: Path) -> Iterator[list[str]]:
    """The words of a line, by each separator that may be meant."""
    separators = ",;\t " if path.suffix.lower() == ".csv" else "\t ,;"
    for separator in separators:
        if separator == " ":
            words = [next(filter(None, groups), "") for groups in WORDS.findall(line)]
        elif separator in line:
            words = [word.strip() for word in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]
        else:
            continue
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
        yield words[:comment]


def file_words(words: list[str], columns: Columns) -> tuple[list[str | None] | None, list[str] | dict[str, str]]:
    """The words that name files, None for a file that there is not, and the words of the numbers.

    The first is None if there are too few words.
    """
    if columns.header is not None:
        by_name = dict(zip(columns.header, words, strict=False))
        names = [by_name.get(name, "") for name in columns.files]
        if len(words) < len(columns.header) or not names[0]:
            return None, []
        return [None if name.lower() in NO_FILE else name for name in names], by_name
    if len(words) < columns.needed:
        return None, []
    names = words[: columns.needed]
    for _ in columns.optional:
        more = words[len(names) : len(names) + 1]
        names += more if more and not is_number(more[0]) else []
    rest = words[len(names) :]
    names += ["none"] * (len(columns.files) - len(names))
    return [names[0], *(None if name.lower() in NO_FILE else name for name in names[1:])], rest


def numbers_of(rest: list[str] | dict[str, str], columns: Columns, place: str) -> dict[str, float]:
    """The numbers of a line, by their columns' names."""
    if isinstance(rest, list):
        whole = len(rest) >= len(columns.numbers) and any(map(is_number, rest[: len(columns.numbers)]))
        rest = dict(zip(columns.numbers, rest, strict=False)) if whole else {}
    given = {name: rest[name] for name in columns.numbers if rest.get(name)}
    for name, word in given.items():
        if not is_number(word):
            raise UserError(f"{place}: {name} is '{one_line(word, 80)}', expected a number; fix the line")
    return {name: float(word) for name, word in given.items()}


def is_number(word: str) -> bool:
    """Whether a word is a finite number."""
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", word, re.ASCII) is not None


def find(name: str, path: Path, root: Path) -> Path | str:
    """The file of this name: below the root, or beside the list, or by its absolute path; the name if there is none."""
    if "\\" in name and not is_file(root / name):  # a list from Windows
        name = name.replace("\\", "/")
    below = name.lstrip("/")
    places = [root / below, *([Path(name)] if Path(name).is_absolute() else []), path.parent / below]
    return next(filter(is_file, places), name)


def frame_id(file: Path | str, root: Path) -> str:
    """What a frame is called: its first file without its ending, relative to the root where it is below that."""
    file = Path(file)
    for folder in (root, root.absolute()):
        if file.is_relative_to(folder):
            file = file.relative_to(folder)
    return file.with_suffix("").as_posix().lstrip("/") if file.name else ""
