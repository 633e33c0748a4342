"""What a tool checks before its work, so that no result is lost to a path or a device that cannot be used."""

import os
from collections.abc import Iterable
from pathlib import Path

import torch

from mdetools.errors import UserError

__all__ = ["check_device", "check_output_file", "check_output_folder", "check_replaced"]


def check_output_folder(path: str | Path, what: str) -> None:
    """Checks that a folder exists or can be made, and is writable.

    Args:
        path: the folder.
        what: its name in the error, such as "--out".

    Raises:
        UserError: if a file is in its place or above it, or the permission is missing.
    """
    place = Path(path).absolute()
    while not os.path.lexists(place):
        place = place.parent
    if not place.is_dir():
        raise UserError(f"{what} '{path}': '{place}' is not a folder, expected one to write to; choose another path")
    if not os.access(place, os.W_OK | os.X_OK):
        raise UserError(f"{what} '{path}': '{place}' is not writable; choose another path")


def check_output_file(path: str | Path, what: str) -> None:
    """Checks that a file can be written.

    Args:
        path: the file.
        what: its name in the error, such as "--out".

    Raises:
        UserError: if a folder is in its place, or its own folder cannot be written to.
    """
    if Path(path).is_dir():
        raise UserError(f"{what} '{path}' is a folder, expected a file; name one in it")
    check_output_folder(Path(path).parent, what)


def check_replaced(paths: Iterable[str | Path], overwrite: bool) -> None:
    """Checks that no result takes the place of a file that is there, unless that was asked for.

    Args:
        paths: of the results.
        overwrite: whether `--overwrite` was given.

    Raises:
        UserError: if one is there, and it was not.
    """
    there = [] if overwrite else [path for path in paths if os.path.lexists(path)]
    if there:
        more = f" and {len(there) - 1} more of the files to write are" if there[1:] else " is"
        raise UserError(
            f"'{there[0]}'{more} there already, expected names of new files; choose another, or add --overwrite"
        )


def check_device(name: str) -> None:
    """Checks that tensors can be put on the device called `name` and brought back.

    Raises:
        UserError: if they cannot.
    """
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0].split(" (")[0][:160] if str(error) else type(error).__name__
        raise UserError(
            f"device '{name}' cannot be used ({reason}); expected cpu, or on a machine with a GPU cuda or cuda:0"
        ) from error
