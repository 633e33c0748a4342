"""What one model scores on one data set under one protocol."""

import math
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
        directions: whether a higher value is the better one, of those columns of which it is known.
        means: of each column, and what else the metric gives; empty if nothing is scored.
        rows: what was measured on each image, or pair of points.
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
    means: Mapping[str, float] = field(default_factory=dict)
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
        return bool(self.means)

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """The 95 % bootstrap interval of each column's mean."""
        return self.rows.interval() if self.scored and self.rows is not None else {}

    @property
    def count(self) -> str:
        """Of what the means are, for a table: images, or another thing by its name."""
        if self.rows is None:
            return ""
        count, empty = len(self.rows.ids), len(self.rows.empty)
        part = f"{count - empty} of {count}" if empty else str(count)
        return part if self.rows.counted == "valid_pixels" else f"{part} {self.rows.counted}"

    def shown(self, name: str) -> str:
        """A mean and its interval for a table; nothing where no image has it."""
        if name not in self.means:
            return ""
        ends = self.intervals.get(name)
        if ends is not None and not self.present[:, list(self.rows.columns).index(name)].any():
            return ""
        known = ends is not None and not math.isnan(ends[0])
        return f"{self.means[name]:.4f}" + (f" [{ends[0]:.4f}, {ends[1]:.4f}]" if known else "")

    @property
    def present(self) -> np.ndarray:
        """Bool (N, C), which values its images have."""
        counted = np.broadcast_to(np.asarray(self.rows.counts)[:, None] > 0, self.rows.values.shape)
        return counted if self.rows.present is None else counted & self.rows.present
