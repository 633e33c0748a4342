"""Packages that read a format and are no part of the base install."""

import importlib
from pathlib import Path
from types import ModuleType

from mdetools.errors import UserError, one_line

__all__ = ["format_package"]


def format_package(name: str, path: str | Path) -> ModuleType:
    """The package of a name, which the file at `path` needs.

    Raises:
        UserError: if it is missing.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(
            f"{path}: needs the package {name}, which is not installed ({one_line(error, 100)}); "
            "run `pip install mdetools[formats]`"
        ) from error
