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
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)  # in time that grows as its length
NO_FILE = {"", "none", "null", "nan", "-"}
# What headers call these columns before a SUFFIX, the plainest first.
IMAGE_COLUMNS = ("image", "rgb", "color", "colour", "left", "img", "file", "path", "name")
DEPTH_COLUMNS = ("depth", "gt", "ground_truth", "ground truth", "groundtruth", "disparity", "disp", "distance")
SUFFIX = re.compile(r"(?<=.)([ _-]?(path|file|name|map|image|img))+$")
LIKE_HEADER = re.compile(r"""["']?[^\W\d][^./\\]{0,200}""")


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
    def required(self) -> tuple[str, ...]:
        """Those of the files that a line has at least."""
        return self.files[: self.required_count]

    @property
    def required_count(self) -> int:
        """How many words a line has at least."""
        return len(self.files) - len(self.optional)

    def __str__(self) -> str:
        return "`" + " ".join(f"<{name}>" for name in self.required) + "`"


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
            found = [SUFFIX.sub("", word.lower()) for word in words]
            for name in names:
                same = next((same for same in (IMAGE_COLUMNS, DEPTH_COLUMNS) if name in same), ())
                alias = next((alias for alias in (name, *same) if alias in found), None)
                if alias is not None:
                    found[found.index(alias)] = name
            if set(self.columns.required) <= set(found):
                self.header = found
                return True
        return False

    def like_header(self, line: str) -> bool:
        """Whether a line whose files are not there seems to be a header, of unknown names: no path, no ending."""
        return self.header is None and LIKE_HEADER.fullmatch(line.strip()) is not None

    def parse(self, line: str, place: str) -> tuple[ListedFrame, str | None]:
        """The frame of one line, and the first name of a file that is not there.

        Of the ways to take the line apart the first is taken whose files are there.

        Raises:
            UserError: if the line has too few words, or a number of it is none.
        """
        first = None
        for words in self.splittings(line):
            names, rest = self.assign_columns(words)
            if not names:
                continue
            files = [self.resolve(name) for name in names]
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
        if len(self.columns.files) == 1:  # of one column alone a line is the name, with whatever spaces are in it
            yield [line.strip()]

    def assign_columns(self, words: list[str]) -> tuple[list[str], list[str]]:
        """The words that name files, empty where there is none; and those of the header's numbers, or after the files.

        There are none at all if there are too few words, or the first is empty.
        """
        files = self.columns.files
        if self.header is not None:
            by_name = dict(zip(self.header, words, strict=False)) if len(words) >= len(self.header) else {}
            names = [by_name.get(name, "") for name in files]
            numbers = [by_name.get(name, "") for name in self.number_columns()]
            return (self.without_none(names), numbers) if names[0] else ([], [])
        count, words = self.columns.required_count, self.without_times(words)
        if len(words) < count or not words[0]:
            return [], []
        while count < min(len(files), len(words)) and not NUMBER.fullmatch(words[count]):
            count += 1
        return self.without_none(words[:count] + [""] * (len(files) - count)), words[count:]

    def number_columns(self) -> list[str]:
        """The columns of numbers: those that the header names, or all if there is none."""
        return [name for name in self.columns.numbers if self.header is None or name in self.header]

    def without_times(self, words: list[str]) -> list[str]:
        """The words without the numbers before and between files: times, as in TUM's association lists."""
        count = self.columns.required_count
        if not any(map(NUMBER.fullmatch, words[:count])):
            return words
        files = [at for at, word in enumerate(words) if not NUMBER.fullmatch(word)][:count]
        return [words[at] for at in files] + (words[files[-1] + 1 :] if files else [])

    def without_none(self, names: list[str]) -> list[str]:
        """The names of a line's files, empty where the line says that there is none."""
        return [names[0], *("" if name.lower() in NO_FILE else name for name in names[1:])]

    def numbers_of(self, words: list[str], place: str) -> dict[str, float]:
        """The numbers of a line, of the words that `assign_columns` found for them; none if it gives none.

        Raises:
            UserError: if it gives others than the columns take, or one of them is no number.
        """
        names = self.number_columns()
        if not names:
            return {}
        numeric = [NUMBER.fullmatch(word) is not None for word in words]
        if self.header is None and sum(numeric) > len(names):
            raise UserError(
                f"{place}: {len(words)} columns after the files, expected {' '.join(names)} or none; name the columns "
                "in a header"
            )
        # Without a header fewer are something else, such as BTS's focal length, and so are words beyond them.
        exact = self.header is not None or len(words) == len(names)
        if not any(words[: len(names)] if exact else numeric[: len(names)]) or len(words) < len(names):
            return {}
        for name, word, is_number in zip(names, words, numeric, strict=False):
            if not is_number:
                raise UserError(f"{place}: {name} is '{one_line(word, 80)}', expected a number; fix the line")
        return {name: float(word) for name, word in zip(names, words, strict=False)}

    def resolve(self, name: str) -> Path | None:
        """The file of a name: below the root, or by its absolute path, or beside the list; None if there is none."""
        if not name:
            return None
        below = self.root / name.lstrip("/")
        if is_file(below):
            return below
        absolute = [Path(name)] if Path(name).is_absolute() else []
        found = next(filter(is_file, (*absolute, self.folder / name.lstrip("/"))), None)
        return self.resolve(name.replace("\\", "/")) if found is None and "\\" in name else found  # as Windows has it

    def id_of(self, file: Path) -> str:
        """What a frame is called: its first file without the ending, relative to the root if it is below that."""
        text = file.as_posix()
        inside = next((text[len(prefix) :] for prefix in self.prefixes if text.startswith(prefix)), text.lstrip("/"))
        folder, slash, name = inside.rpartition("/")
        return f"{folder}{slash}{name.rpartition('.')[0] or name}"
