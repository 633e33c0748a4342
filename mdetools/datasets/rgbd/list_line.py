"""One line of a list of frames: its words, the files that they name, and the numbers after them."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mdetools.errors import UserError, one_line
from mdetools.reading import is_file

__all__ = ["Columns", "LineParser", "ListedFrame"]

WORDS = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
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
    """What the columns of a list are, see `read_frame_list`."""

    files: tuple[str, ...]
    optional: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def needed(self) -> int:
        """How many words a line has at least."""
        return len(self.files) - len(self.optional)

    def __str__(self) -> str:
        return "`" + " ".join(f"<{name}>" for name in self.files[: self.needed]) + "`"


class LineParser:
    """Takes the lines of a list apart.

    Args:
        path: of the list.
        root: folder of the files.
        columns: what the list's columns are.
    """

    def __init__(self, path: Path, root: Path, columns: Columns) -> None:
        self.root, self.folder, self.columns = root, path.parent, columns
        self.separators = ",;\t " if path.suffix.lower() == ".csv" else "\t ,;"
        self.prefixes = [f"{folder.as_posix().rstrip('/')}/" for folder in (root, root.absolute())]
        self.header: list[str] | None = None  # the names of the columns in the list's order

    def take_header(self, line: str) -> bool:
        """Whether a line is a header, which then gives the order of the columns."""
        names = self.columns.files
        for words in self.splittings(line):
            found = [SUFFIX.sub("", word.lower()) or word.lower() for word in words]
            found = [names[0] if name in FIRST and names[0] in FIRST else name for name in found]
            if set(names[: self.columns.needed]) <= set(found):
                self.header = found
                return True
        return False

    def parse(self, line: str, place: str) -> tuple[ListedFrame, str | None]:
        """The frame of one line, and the first name of a file that is not there.

        Of the ways to take the line apart the first is taken whose files are there.

        Raises:
            UserError: if the line has too few words, or a number of it is none.
        """
        first = None
        for words in self.splittings(line):
            names, rest = self.sorted_words(words)
            if not names:
                continue
            files = [self.find(name) for name in names]
            missing = next((name for name, file in zip(names, files, strict=True) if name and file is None), None)
            if missing is None:
                return ListedFrame(place, self.id_of(files[0]), tuple(files), self.numbers_of(rest, place)), None
            first = first or (ListedFrame(place, "", tuple(files), {}), missing)
        if first is None:
            raise UserError(f"{place}: found '{one_line(line, 100)}', expected {self.columns}; fix the line")
        return first

    def splittings(self, line: str) -> Iterator[list[str]]:
        """The words of a line, by each separator that may be meant."""
        for separator in self.separators:
            if separator == " ":
                words = [double or single or plain for double, single, plain in WORDS.findall(line)]
            elif separator in line and len(line) < csv.field_size_limit():
                words = [word.strip() for word in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]
            else:
                continue
            comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
            yield words[:comment]

    def sorted_words(self, words: list[str]) -> tuple[list[str], dict[str, str]]:
        """The words that name files, empty where there is none, and those of the numbers, by their columns' names.

        There are none at all if there are too few words, or the first is empty.
        """
        files, _, numbers = self.columns
        if self.header is not None:
            by_name = dict(zip(self.header, words, strict=False)) if len(words) >= len(self.header) else {}
            names = [by_name.get(name, "") for name in files]
            return (self.without_none(names), by_name) if names[0] else ([], {})
        count = self.columns.needed
        if len(words) < count or not words[0]:
            return [], {}
        while count < min(len(files), len(words)) and not NUMBER.fullmatch(words[count]):
            count += 1
        names, rest = words[:count] + [""] * (len(files) - count), words[count : count + len(numbers)]
        whole = len(rest) == len(numbers) and any(map(NUMBER.fullmatch, rest))
        return self.without_none(names), dict(zip(numbers, rest, strict=True)) if whole else {}

    def without_none(self, names: list[str]) -> list[str]:
        """The names of a line's files, empty where the line says that there is none."""
        return [names[0], *("" if name.lower() in NO_FILE else name for name in names[1:])]

    def numbers_of(self, words: dict[str, str], place: str) -> dict[str, float]:
        """The numbers of a line."""
        given = {name: words[name] for name in self.columns.numbers if words.get(name)}
        for name, word in given.items():
            if not NUMBER.fullmatch(word):
                raise UserError(f"{place}: {name} is '{one_line(word, 80)}', expected a number; fix the line")
        return {name: float(word) for name, word in given.items()}

    def find(self, name: str) -> Path | None:
        """The file of a name: below the root, or by its absolute path, or beside the list; None if there is none."""
        if not name:
            return None
        below = self.root / name.lstrip("/")
        if is_file(below):
            return below
        others = [Path(name)] if Path(name).is_absolute() else []
        if "\\" in name:  # a list from Windows
            others.append(self.root / name.replace("\\", "/"))
        return next(filter(is_file, (*others, self.folder / name.lstrip("/"))), None)

    def id_of(self, file: Path) -> str:
        """What a frame is called: its first file without the ending, relative to the root if it is below that."""
        text = file.as_posix()
        inside = next((text[len(prefix) :] for prefix in self.prefixes if text.startswith(prefix)), text.lstrip("/"))
        folder, slash, name = inside.rpartition("/")
        return f"{folder}{slash}{name.rpartition('.')[0] or name}"
