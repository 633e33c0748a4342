"""All that the checks know of one split."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Optional

from mdetools.datasets.doctor.folder import OddFiles
from mdetools.datasets.doctor.pipeline_fit import Fit

__all__ = ["DepthLimits", "Split", "ids"]


class DepthLimits(NamedTuple):
    """The depths that a config counts."""

    low: float  # metres
    high: float
    source: str  # what says so, such as `DepthRange`


@dataclass(frozen=True)
class Split:
    """What was measured of one data set of a config.

    Attributes:
        name: such as `train_dataloader`.
        records: what `examine` gave, of all frames.
        limits: the depths that the config counts; None if it does not say.
        depth_scale: units per metre in the files; 1 if the data set has no such option.
        batch_size: of the loader.
        fits: what the pipeline makes of each image size.
        odd_files: what lies in the data set's folders and is no frame, or should be none.
        train: the split that is trained on, if this is another one.
    """

    name: str
    records: list[dict]
    limits: DepthLimits | None = None
    depth_scale: float = 1.0
    batch_size: int = 1
    fits: dict[tuple[int, int], list[Fit]] = field(default_factory=dict)
    odd_files: OddFiles = field(default_factory=OddFiles)
    train: Optional["Split"] = None

    @cached_property
    def readable(self) -> list[dict]:
        """Records of the frames that could be read."""
        return [record for record in self.records if "error" not in record]

    def having(self, key: str) -> list[dict]:
        """Records of the frames of which this was measured."""
        return [record for record in self.readable if record.get(key) is not None]


def ids(records: Iterable[dict]) -> list[str]:
    """The ids of frames."""
    return [record["id"] for record in records]
