"""What is measured on one image: names, columns, functions, and which direction is better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from mdetools.evaluation.functional import METRIC_NAMES, depth_metrics
from mdetools.evaluation.protocols import Protocol

__all__ = ["MEASURES", "Measure", "direction_of"]


@dataclass(frozen=True)
class Measure:
    """A function of one image's scored depth that gives one column or several.

    Attributes:
        name: its key in `MEASURES`.
        columns: what it gives, in this order, and whether a higher value is the better one.
        function: takes predicted and true depth (1, H, W) in metres, the mask of the pixels that count, and the
            protocol; returns a scalar tensor per column.
    """

    name: str
    columns: Mapping[str, bool]
    function: Callable[[Tensor, Tensor, Tensor, Protocol], Mapping[str, Tensor]]


def depth_errors(prediction: Tensor, target: Tensor, mask: Tensor, protocol: Protocol) -> dict[str, Tensor]:
    """`depth_metrics` with the protocol's definition of silog."""
    return depth_metrics(prediction, target, mask, protocol.silog)


SHARES = ("d1", "d2", "d3")  # of good pixels; all others are errors

MEASURES: dict[str, Measure] = {
    "depth_errors": Measure("depth_errors", {name: name in SHARES for name in METRIC_NAMES}, depth_errors)
}


def direction_of(metric: object, column: str) -> bool | None:
    """Whether a higher value of a metric's column is the better one; None if the metric does not say.

    Args:
        metric: anything with a `higher_is_better`, a mapping of its columns.
        column: without the metric's prefix.
    """
    return getattr(metric, "higher_is_better", {}).get(column)
