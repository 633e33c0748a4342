"""Views that belong to a class as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.worlds.colored import HUES, sample_colored
from mdetools.synthetic.worlds.view import View
from mdetools.synthetic.worlds.walls import LAYOUTS, sample_walls

__all__ = ["TASKS", "Task"]


@dataclass(frozen=True)
class Task:
    """What is to be told apart.

    Attributes:
        sample: draws a view of a size (H, W) in pixels that belongs to a class.
        classes: their names, sorted as folders are.
    """

    sample: Callable[[np.random.Generator, tuple[int, int], str], View]
    classes: Sequence[str]


TASKS: Mapping[str, Task] = MappingProxyType(
    {"layouts": Task(sample_walls, sorted(LAYOUTS)), "colours": Task(sample_colored, sorted(HUES))}
)
