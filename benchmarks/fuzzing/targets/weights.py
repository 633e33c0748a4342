"""Checkpoints of every format, with the files beside them that say what they are."""

from functools import cache, partial
from pathlib import Path

from support.models import small_estimator
from support.weight_files import WEIGHT_FILES, mutated, write_weight_files
from torch import nn

from fuzzing.target import Target
from mdetools.weights.loading import read_weights

__all__ = ["TARGETS"]


@cache
def model() -> nn.Module:
    """What the weights are for."""
    return small_estimator()


def prepare(name: str, folder: Path) -> tuple[Path, list[bytes]]:
    write_weight_files(folder)
    path = folder / WEIGHT_FILES[name][1]
    return path, [path.read_bytes()]


def read(name: str, path: Path) -> None:
    source, file = WEIGHT_FILES[name]
    root = path.parents[len(Path(file).parts) - 1]
    state = read_weights(model(), root / source)["state_dict"]
    for key, values in state.items():
        assert not values.is_floating_point() or values.isfinite().all(), f"{key} is not finite"


TARGETS = [
    Target(f"weights:{name}", partial(prepare, name), partial(read, name), name.endswith(".json"), (mutated,))
    for name in WEIGHT_FILES
]
