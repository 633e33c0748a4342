"""What a measure is."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from mdetools.evaluation.protocols import Protocol

__all__ = ["ABSENT", "SHARES", "Measure"]

# Where an image has nothing that a column could be of, such as no pixel in a range of depths. It is left out of that
# column's mean, while NaN, which a broken prediction gives, is not.
ABSENT = -math.inf

SHARES = ("d1", "d2", "d3")  # of good pixels; all other errors are the better, the lower


@dataclass(frozen=True)
class Measure:
    """A function of one image's scored depth that gives one column or several.

    Attributes:
        name: its key in `MEASURES`, or that of its family in `MEASURE_FAMILIES`.
        columns: what it gives, in this order, and whether a higher value is the better one.
        function: takes the protocol, the predicted and the true depth (1, h, w) in metres and the mask of the pixels
            that count; returns a scalar tensor per column, `ABSENT` where the image has nothing to measure.
    """

    name: str
    columns: Mapping[str, bool]
    function: Callable[[Protocol, Tensor, Tensor, Tensor], Mapping[str, Tensor]]
