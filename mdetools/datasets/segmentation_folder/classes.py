"""From the numbers of a mask to classes 0..K-1."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mdetools.contract import FIELDS
from mdetools.errors import UserError, one_line
from mdetools.reading import is_file, read_lines

__all__ = ["ClassTable", "class_names", "read_class_names"]

HOLE = int(FIELDS["semantic"].hole)
NUMBERS = 2**16  # that a mask of 16 bits may hold
WRONG = -1


class ClassTable:
    """Which class each number of a mask is.

    >>> table = ClassTable(3, label_map=None, ignore=(9,))
    >>> table(np.array([[0, 2, 9]], np.uint8), "a mask").tolist()
    [[0, 2, 255]]

    Args:
        count: K; None takes 0..254.
        label_map: the class of each number; None: numbers are classes.
        ignore: numbers that stand for nothing known. They come before the others.

    Raises:
        UserError: if a number or a class is out of its range.
    """

    def __init__(self, count: int | None, label_map: Mapping[int, int] | None, ignore: Sequence[int]) -> None:
        self.count = HOLE if count is None else count
        own = dict(enumerate(range(self.count))) if label_map is None else dict(label_map)
        for number, label in own.items():
            if not 0 <= label < self.count:
                raise UserError(
                    f"label_map has the class {label} for {number}, expected 0 to {self.count - 1}; fix it, or classes"
                )
        for number in (*own, *ignore):
            if not (isinstance(number, int) and 0 <= number < NUMBERS):
                raise UserError(
                    f"label_map and ignore got {one_line(number, 80)}, expected numbers of masks, 0 to {NUMBERS - 1}; "
                    "fix it"
                )
        self.known = sorted(own)
        self.table = np.full(NUMBERS, WRONG, np.int64)
        self.table[list(own)] = list(own.values())
        self.table[list(ignore)] = HOLE

    def __call__(self, values: np.ndarray, path: str) -> np.ndarray:
        """Classes, int64 (H, W), 255 where nothing is known, of the numbers (H, W), uint8 or uint16, of a mask.

        Raises:
            UserError: at a number that is no class; `path` names the mask.
        """
        classes = self.table[values]
        if classes.min(initial=0) == WRONG:
            number = int(values[classes == WRONG][0])
            here = self.known
            expected = f"{here[0]} to {here[-1]}" if len(here) == here[-1] - here[0] + 1 else one_line(here, 200)
            raise UserError(
                f"{path}: holds the number {number} at {(values == number).sum()} pixels, expected classes {expected}; "
                f"name it in ignore=[...] if it stands for nothing known, or set classes or label_map"
            )
        return classes


def class_names(classes: int | Sequence[str] | None, file: Path) -> list[str] | None:
    """The names of classes: as given, numbers of so many, or those in a file; None if there is no such file.

    Args:
        classes: names, or their number, or None.
        file: one name a line, in the order of the classes.

    Raises:
        UserError: if there is no class, or there are more than 255, or the file is empty.
    """
    if classes is None:
        return read_class_names(file) if is_file(file) else None
    names = [str(label) for label in range(classes)] if isinstance(classes, int) else [str(name) for name in classes]
    if not 1 <= len(names) <= HOLE:
        raise UserError(f"there are {len(names)} classes, expected 1 to {HOLE}; set classes")
    return names


def read_class_names(file: Path) -> list[str]:
    """The names in a file, one a line.

    Raises:
        UserError: if it cannot be read, or has none.
    """
    names = [line.strip() for line in read_lines(file, "names of classes, one a line") if line.strip()]
    if not 1 <= len(names) <= HOLE:
        raise UserError(f"{file}: has {len(names)} names of classes, expected 1 to {HOLE}, one a line; fix it")
    return names
