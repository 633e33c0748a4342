"""What a check of the doctor says."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a data set.

    Attributes:
        check: name of the kind, such as `mirrored`; the table in docs/check_dataset.md explains it.
        severity: `error` if the data cannot be used as it is, `warning` if a training would run on it.
        line: what was found, what was expected, how to fix it.
        frames: ids of the frames that show it, worst first.
    """

    check: str
    severity: Literal["error", "warning"]
    line: str
    frames: list[str] = field(default_factory=list)
