"""The doctor's checks: each file has a function `check(split)` that gives findings; the folder is their list."""

import pkgutil
from collections.abc import Callable
from importlib import import_module

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split

__all__ = ["CHECKS", "diagnose"]

CHECKS: dict[str, Callable[[Split], list[Finding]]] = {
    module.name: import_module(f"{__name__}.{module.name}").check for module in pkgutil.iter_modules(__path__)
}


def diagnose(split: Split) -> list[Finding]:
    """What all checks find in a split, errors first."""
    found = [finding for check in CHECKS.values() for finding in check(split)]
    return sorted(found, key=lambda finding: finding.severity != "error")
