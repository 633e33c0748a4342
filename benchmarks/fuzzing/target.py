"""What can be fuzzed: the interface that every target keeps, and where targets are found."""

import importlib
import pkgutil
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mutator", "Target", "all_targets"]

Mutator = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Target:
    """A kind of file and what reads it.

    Attributes:
        name: of the kind, for `--only`.
        prepare: writes what the reader needs around the file into an empty folder, the same in every process; returns
            the path that the mutated file gets, and the contents of valid files.
        read: reads the file at that path, and raises an `AssertionError` if the result breaks the contract.
        text: whether the file is text, so that words and lines are mutated too.
        mutators: further ways to mutate this kind, such as one that sets a header's field and corrects its checksum.
    """

    name: str
    prepare: Callable[[Path], tuple[Path, list[bytes]]]
    read: Callable[[Path], None]
    text: bool = False
    mutators: tuple[Mutator, ...] = ()


def all_targets() -> dict[str, Target]:
    """The `TARGETS` of every module in `fuzzing/targets`, by name."""
    package = importlib.import_module("fuzzing.targets")
    modules = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    found = [target for name in modules for target in importlib.import_module(f"fuzzing.targets.{name}").TARGETS]
    return {target.name: target for target in found}
