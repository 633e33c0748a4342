"""What one model scores on one data set under one protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mdetools.apis.evaluation.origin import Domain
from mdetools.evaluation import Protocol, Rows

__all__ = ["Cell"]


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of an evaluation: rows, or the reason why there are none.

    Attributes:
        model: its label.
        dataset: its label.
        domain: whether the model was trained on the data set.
        predicts: `metric`, `relative`, or the quantity's name.
        metric: the name of the metric's class.
        protocol: what counts and how; None for a metric that takes none.
        directions: the columns, and whether a higher value is the better one.
        rows: what was measured on each image.
        reason: why the protocol does not apply, or the means mean nothing.
        fitted: whether it is a baseline, which is fitted to the truth.
    """

    model: str
    dataset: str
    domain: Domain
    predicts: str
    metric: str
    protocol: Protocol | None
    directions: Mapping[str, bool] = field(default_factory=dict)
    rows: Rows | None = None
    reason: str = ""
    fitted: bool = False

    @property
    def under(self) -> str:
        """The name of the protocol, or of the metric that takes none."""
        return self.metric if self.protocol is None else self.protocol.name

    @property
    def place(self) -> tuple[str, str, str]:
        """What two cells have in common whose models are compared: data set, metric and protocol."""
        return self.dataset, self.metric, self.under

    @property
    def scored(self) -> bool:
        """Whether there are means."""
        return self.rows is not None and len(self.rows.empty) < len(self.rows.ids)

    @cached_property
    def means(self) -> dict[str, float]:
        """Of each column; empty if nothing is scored."""
        return self.rows.mean() if self.scored else {}

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """The 95 % bootstrap interval of each mean."""
        return self.rows.interval() if self.scored else {}

    @property
    def present(self) -> np.ndarray:
        """Bool (N, C), which values its images have."""
        counted = np.broadcast_to(np.asarray(self.rows.counts)[:, None] > 0, self.rows.values.shape)
        return counted if self.rows.present is None else counted & self.rows.present
