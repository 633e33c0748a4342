"""What lies in the folders of a data set beside its frames."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["OddFiles", "odd_files"]

MOST_ENTRIES = 300_000  # looked at; a folder of more is not gone through to its end


@dataclass(frozen=True)
class OddFiles:
    """Paths of what should not be there."""

    hidden: list[str] = field(default_factory=list)  # dot files with the ending of a frame's file
    empty: list[str] = field(default_factory=list)  # 0 bytes, with the ending of a frame's file, and no frame
    loops: list[str] = field(default_factory=list)  # links to a folder that they lie in
    broken: list[str] = field(default_factory=list)  # links to nothing


def odd_files(roots: Iterable[str], files: Iterable[str]) -> OddFiles:
    """Goes through folders without following links.

    Args:
        roots: the folders.
        files: that the frames were read from, of which nothing is said; other kinds of files may be what they like.
    """
    read = {Path(file).absolute() for file in files}
    endings, found, seen = {path.suffix.lower() for path in read}, OddFiles(), 0
    for root in dict.fromkeys(Path(root).absolute() for root in roots):
        for at, folders, names in os.walk(root):
            seen += len(folders) + len(names)
            if seen > MOST_ENTRIES:
                return found
            for name in (*folders, *names):
                if Path(at, name) not in read:
                    sort_entry(Path(at, name), endings, found)
    return found


def sort_entry(path: Path, endings: set[str], found: OddFiles) -> None:
    """Puts one entry of a folder where it belongs in `found`."""
    is_frame = path.suffix.lower() in endings
    if path.is_symlink() and not path.exists():
        found.broken.append(str(path))
    elif path.is_dir():
        if path.is_symlink() and path.parent.resolve().is_relative_to(path.resolve()):
            found.loops.append(str(path))
    elif is_frame and path.name.startswith("."):
        found.hidden.append(str(path))
    elif is_frame and path.stat().st_size == 0:
        found.empty.append(str(path))
