"""What is measured on one image: names, columns, functions, and which direction is better."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from mdetools.errors import UserError, suggest
from mdetools.evaluation.functional import DEPTH_ERRORS, depth_errors
from mdetools.evaluation.protocols import Protocol

__all__ = ["MEASURES", "Measure", "columns_of"]


@dataclass(frozen=True)
class Measure:
    """A function of one image's scored depth that gives one column or several.

    Attributes:
        name: its key in `MEASURES`.
        columns: what it gives, in this order, and whether a higher value is the better one.
        function: takes the protocol, the predicted and the true depth (1, h, w) in metres and the mask of the pixels
            that count; returns a scalar tensor per column.
    """

    name: str
    columns: Mapping[str, bool]
    function: Callable[[Protocol, Tensor, Tensor, Tensor], Mapping[str, Tensor]]


def errors_under(protocol: Protocol, predicted: Tensor, depth: Tensor, counted: Tensor) -> dict[str, Tensor]:
    """`depth_errors` with the protocol's definition of silog."""
    return depth_errors(predicted, depth, counted, protocol.silog)


SHARES = ("d1", "d2", "d3")  # of good pixels; all others are errors

MEASURES: dict[str, Measure] = {
    "depth_errors": Measure("depth_errors", {name: name in SHARES for name in DEPTH_ERRORS}, errors_under)
}


def columns_of(measures: Sequence[str]) -> dict[str, bool]:
    """The columns of measures, in the order of `evaluate_image`'s rows, and whether a higher value is the better one.

    Args:
        measures: keys of `MEASURES`.

    Raises:
        UserError: if there is no such measure, or two of them share a column.
    """
    columns: dict[str, bool] = {}
    for name in measures:
        if name not in MEASURES:
            raise UserError(f"there is no measure '{name}'; {suggest(name, MEASURES)}")
        if columns.keys() & MEASURES[name].columns.keys():
            raise UserError(f"the measures {', '.join(measures)} share columns; name each one once")
        columns |= MEASURES[name].columns
    return columns
