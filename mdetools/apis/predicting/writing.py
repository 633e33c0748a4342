"""Results are drawn, encoded and written by threads, while the network works on."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.predicting.drawing import draw
from mdetools.apis.predicting.options import RunOptions
from mdetools.apis.saving import Format
from mdetools.contract import QUANTITIES, Quantity
from mdetools.engine.process.preflight import check_replaced
from mdetools.errors import UserError
from mdetools.files import replacing
from mdetools.visualization import write_image

__all__ = ["ResultWriter", "Written", "write_files"]

THREADS, PENDING = 2, 4
SHOWN = 4  # classes of a picture that a line names


@dataclass
class Written:
    """What became of one result.

    Attributes:
        name: of its picture.
        lines: what is told.
        replaced: how many files of an earlier run it took the place of.
        errors: what could not be written, each a line.
    """

    name: str
    lines: list[str] = field(default_factory=list)
    replaced: int = 0
    errors: list[str] = field(default_factory=list)


class ResultWriter:
    """Writes results in threads; of those that wait there are never more than a few.

    Use it as a context: its end waits for the files that were begun.

    Args:
        options: of the run.
        formats: files that are written beside the picture.
        inputs: real paths that no result may take the place of.
        class_names: of a classifier; None for none.
    """

    def __init__(
        self,
        options: RunOptions,
        formats: Sequence[Format],
        inputs: frozenset[Path],
        class_names: Sequence[str] | None = None,
    ) -> None:
        self.options, self.formats, self.inputs, self.class_names = options, formats, inputs, class_names
        self.pool = ThreadPoolExecutor(THREADS, "result writer")
        self.pending: deque[Future] = deque()

    def __enter__(self) -> "ResultWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def write(self, result: Result, target: str) -> Iterator[Written]:
        """Takes one result, and yields what became of those that are done by now, in order."""
        self.pending.append(self.pool.submit(self.write_one, result, target))
        while len(self.pending) > PENDING or (self.pending and self.pending[0].done()):
            yield self.pending.popleft().result()

    def finish(self) -> Iterator[Written]:
        """Yields what becomes of the results that are left."""
        while self.pending:
            yield self.pending.popleft().result()

    def write_one(self, result: Result, target: str) -> Written:
        """Writes the picture and the files of one result; what cannot be written is noted."""
        written = Written(str(result.path))
        base = Path(self.options.out, target)
        quantity = QUANTITIES[result.quantity]
        values = result.scores if result.map is None else result.map
        spread = said_of(values, quantity)
        if result.scores is not None and self.class_names is not None:
            spread = f"{likeliest(result.scores, self.class_names)}; {spread}"
        picture = draw(result, self.options)
        if picture is None:
            written.lines.append(f"{result.path}: {spread}; no picture is drawn of it, --save-npy writes its values")
        else:
            place = base.with_name(f"{base.name}_{quantity.name}.png")
            self.check(place, written)
            try:
                write_image(place, picture)
            except UserError as error:
                written.errors.append(f"no {place.name}: {error}")
            else:
                written.lines.append(f"{place}: {spread}")
        write_files(result, base, self.formats, written, self.check)
        return written

    def check(self, place: Path, written: Written) -> None:
        """Counts a file that is replaced.

        Raises:
            UserError: if it is one of the inputs, or nothing is to be replaced.
        """
        if os.path.lexists(place):
            if place.resolve() in self.inputs:
                raise UserError(f"{place}: is one of the inputs, and a result would replace it; choose another --out")
            check_replaced([place], self.options.overwrite)
            written.replaced += 1


def said_of(values: np.ndarray, quantity: Quantity) -> str:
    """What a line tells of values: which classes there are, from the most frequent one on, or else their range.

    >>> said_of(np.array([[2, 2], [2, 5]]), QUANTITIES["logits"])
    'classes 2 (75 %), 5 (25 %)'
    >>> said_of(np.array([1.0, 2.5]), QUANTITIES["depth"])
    'depth from 1 to 2.5 m'
    """
    if quantity.picture != "classes":
        return f"{quantity.name} from {values.min():.4g} to {values.max():.4g} {quantity.unit}".rstrip()
    classes, counts = np.unique(values, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    shown = [f"{classes[index]} ({counts[index] / values.size:.0%})".replace("%", " %") for index in order[:SHOWN]]
    return f"classes {', '.join(shown)}{f' and {len(order) - SHOWN} more' if len(order) > SHOWN else ''}"


def likeliest(scores: np.ndarray, class_names: Sequence[str]) -> str:
    """The class with the highest of the scores (K,), and its probability by the softmax.

    >>> likeliest(np.array([0.0, 0.0, 3.0]), ["cat", "cow", "dog"])
    'dog, probability 0.91'
    """
    shares = np.exp(scores - scores.max())
    return f"{class_names[scores.argmax()]}, probability {1 / shares.sum():.2f}"


def write_files(result: Result, base: Path, formats: Sequence[Format], written: Written, check) -> None:
    """Writes a result in several formats; one that a format cannot hold is noted, the others are written.

    Args:
        result: to be written.
        base: path of the files, without their suffixes.
        formats: of the files.
        written: is told of the files and errors.
        check: is called with each path before it is written.
    """
    for one in formats:
        place = base.with_name(base.name + one.suffix)
        check(place, written)
        try:
            with replacing(place) as temporary:
                one.write(result, temporary)
        except UserError as error:
            written.errors.append(f"no {place.name}: {error}")
        else:
            written.lines.append(str(place))
