"""Models compared on the same images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mdetools.apis.evaluation.cells import Cell
from mdetools.errors import UserError
from mdetools.evaluation import PairedDifference, paired_differences

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """One column of two models on one data set under one protocol.

    Attributes:
        first: the cell of a model.
        second: that of another.
        column: what is compared.
        difference: the first's value less the second's, over the images that both have.
        better: the label of the model that other images of the kind would show to be better too; empty if the interval
            holds 0, or nothing says which direction is better.
    """

    first: Cell
    second: Cell
    column: str
    difference: PairedDifference
    better: str


def compare(cell: Cell, others: Sequence[Cell]) -> Iterator[Comparison]:
    """A model with each one before it, on the same data set under the same protocol, by each column; no baselines.

    Args:
        cell: of the model.
        others: cells of any models, data sets and protocols.

    Raises:
        UserError: if two have not seen the same images.
    """
    for other in others:
        if other.place != cell.place or other.model == cell.model or not comparable(cell) or not comparable(other):
            continue
        if list(other.rows.columns) != list(cell.rows.columns):
            continue
        if list(other.rows.ids) != list(cell.rows.ids):
            raise UserError(
                f"'{other.model}' and '{cell.model}' were evaluated on other images of '{cell.dataset}', expected the "
                "same in the same order; evaluate them together"
            )
        differences = paired_differences(other.rows.values, cell.rows.values, other.present & cell.present)
        for column, difference in zip(cell.rows.columns, differences, strict=True):
            better = ""
            if difference.excludes_zero and column in cell.directions:
                better = other.model if (difference.mean > 0) == cell.directions[column] else cell.model
            yield Comparison(other, cell, column, difference, better)


def comparable(cell: Cell) -> bool:
    """Whether a cell has rows to compare, and is a model's."""
    return cell.scored and cell.rows is not None and not cell.fitted
