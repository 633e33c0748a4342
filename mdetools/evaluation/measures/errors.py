"""The errors of depth, over all pixels that count and by ranges of the true depth."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from mdetools.errors import UserError, one_line, suggest
from mdetools.evaluation.functional import DEPTH_ERRORS, depth_errors
from mdetools.evaluation.measures.measure import ABSENT, SHARES, Measure
from mdetools.evaluation.protocols import Protocol

__all__ = ["depth_errors_measure", "depth_ranges"]


def errors_under(protocol: Protocol, predicted: Tensor, depth: Tensor, counted: Tensor) -> dict[str, Tensor]:
    """`depth_errors` with the protocol's definition of silog."""
    return depth_errors(predicted, depth, counted, protocol.silog)


depth_errors_measure = Measure("depth_errors", {name: name in SHARES for name in DEPTH_ERRORS}, errors_under)


def depth_ranges(edges: Sequence[float], errors: Sequence[str] = ("abs_rel", "d1")) -> Measure:
    """Errors over the pixels whose true depth lies in each of several ranges: `abs_rel_0_2`, `abs_rel_2_5` and so on.

    A range begins with its lower edge and ends before the upper one; the last range has both. Only pixels that count
    under the protocol count here. An image without any in a range is left out of that column's mean.

    >>> list(depth_ranges([0, 2, 5], errors=["abs_rel"]).columns)
    ['abs_rel_0_2', 'abs_rel_2_5']

    Args:
        edges: of the ranges, metres, rising.
        errors: keys of `DEPTH_ERRORS`.

    Raises:
        UserError: if the edges are not two or more rising numbers, or there is no such error.
    """
    check_edges(edges)
    for error in errors:
        if error not in DEPTH_ERRORS:
            raise UserError(f"depth_ranges has the error '{one_line(error, 80)}'; {suggest(error, DEPTH_ERRORS)}")
    ranges = list(pairwise(edges))
    columns = [[f"{error}_{low:g}_{high:g}" for error in errors] for low, high in ranges]

    def function(protocol: Protocol, predicted: Tensor, depth: Tensor, counted: Tensor) -> dict[str, Tensor]:
        values = {}
        for (low, high), names in zip(ranges, columns, strict=True):
            below = depth <= high if high == edges[-1] else depth < high
            inside = counted & (depth >= low) & below
            found, present = depth_errors(predicted, depth, inside, protocol.silog), inside.any()
            values |= {
                name: torch.where(present, found[error], ABSENT) for name, error in zip(names, errors, strict=True)
            }
        return values

    better = {name: error in SHARES for names in columns for name, error in zip(names, errors, strict=True)}
    return Measure("depth_ranges", better, function)


def check_edges(edges: object) -> None:
    """Checks that edges are two or more numbers, each larger than the last.

    Raises:
        UserError: if they are not.
    """
    listed = list(edges) if isinstance(edges, list | tuple) else []
    numbers = all(isinstance(edge, int | float) and not isinstance(edge, bool) for edge in listed)
    if not numbers or len(listed) < 2 or not all(low < high for low, high in pairwise(listed)):
        found = one_line(edges, 100)
        raise UserError(f"depth_ranges has edges {found}, expected rising depths in metres, as [0, 2, 5, 10]; fix them")
