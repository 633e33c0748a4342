"""The files of a folder, each real folder once: the one way in which data sets look for frames."""

import os
from collections.abc import Iterator
from pathlib import Path

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason
from mdetools.reading import read_cure

__all__ = ["files_below"]


def files_below(folder: Path) -> list[str]:
    """Paths, relative to a folder and sorted, of all files in it and in the folders below, links to folders followed.

    They have `/` between folders on every system. A folder that several links lead to is gone through once, by its own
    name where that is below `folder` too; a link to a folder that holds `folder` itself is not followed. Names that
    begin with a dot are no frames: systems and archivers put such files beside others.

    Raises:
        UserError: if a folder cannot be listed.
    """
    top, inside = str(folder), len(str(folder)) + 1
    seen, links = set(), []
    found = list(walk(top, seen, links))
    while links:
        link = links.pop(0)
        if not Path(top).resolve().is_relative_to(Path(link).resolve()):
            found += walk(link, seen, links)
    return sorted(path[inside:].replace(os.sep, "/") for path in found)


def walk(top: str, seen: set[str], links: list[str]) -> Iterator[str]:
    """Yields the files in each folder that is not in `seen`, from `top` on; notes links to folders for later."""
    for at, folders, names in os.walk(top, onerror=cannot_be_listed):
        real = os.path.realpath(at)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links += [f"{at}{os.sep}{name}" for name in folders if Path(at, name).is_symlink()]
        yield from (f"{at}{os.sep}{name}" for name in names if not name.startswith("."))


def cannot_be_listed(error: OSError) -> None:
    """Ends a walk at a folder that cannot be read, which would else be left out silently."""
    cure = read_cure(error, "look after it, or move it away")
    raise UserError(f"{one_line(error.filename, 300)}: cannot be listed ({failure_reason(error)}); {cure}") from error
