"""NumPy's own format: the values as they are."""

from pathlib import Path

import numpy as np

from mdetools.apis.inference.result import Result

__all__ = ["write_npy"]


def write_npy(result: Result, path: Path) -> None:
    """Writes the map, or the scores of a classifier."""
    with path.open("wb") as file:
        np.save(file, result.scores if result.map is None else result.map)
