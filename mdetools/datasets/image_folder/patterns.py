"""Patterns of paths, as a shell has them."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

__all__ = ["fits", "split_pattern"]

MAGIC = re.compile(r"[*?[]")
ANY_FOLDERS = "**"


def split_pattern(pattern: str) -> tuple[str, list[str]] | None:
    """The folder that a pattern looks below, and its parts from there on; None if it is a plain path.

    >>> split_pattern("data/photos/**/*.jpg")
    ('data/photos', ['**', '*.jpg'])
    """
    if not MAGIC.search(pattern):
        return None
    parts = pattern.split("/")
    first = next(at for at, part in enumerate(parts) if MAGIC.search(part))
    root = "/" if pattern.startswith("/") else "."
    return "/".join(parts[:first]) or root, [part for part in parts[first:] if part]


def fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path fits a pattern, both taken apart at `/`; `**` stands for any number of folders, none too.

    >>> fits(["a", "b", "1.jpg"], ["**", "*.jpg"]), fits(["a", "1.jpg"], ["*.jpg"])
    (True, False)
    """
    if not pattern:
        return not parts
    if pattern[0] == ANY_FOLDERS:
        return any(fits(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + (len(pattern) == 1)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and fits(parts[1:], pattern[1:])
