"""Visitors' files go after a while, those of uploads that stopped half-way too."""

import threading
import time
from pathlib import Path

__all__ = ["Sweeper", "sweep"]

EVERY = 20.0  # seconds


def sweep(folder: Path, age: float, size: int, kept: frozenset[Path] = frozenset()) -> int:
    """Removes the files of a folder, and those below it, that are too old, and the oldest beyond a size.

    Args:
        folder: the folder.
        age: seconds since a file was last written, beyond which it goes.
        size: bytes of all of them.
        kept: files that stay in any case, and are not counted.

    Returns:
        How many went.
    """
    found = []
    for path in folder.rglob("*"):
        try:
            if path.is_file() and path not in kept:
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        except OSError:  # gone in the meantime
            continue
    total, gone, now = 0, 0, time.time()
    for written, length, path in sorted(found, reverse=True):
        total += length
        if now - written > age or total > size:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


class Sweeper:
    """Sweeps a folder from time to time, in a thread, until it is stopped; what is there at first stays.

    Args:
        folder: the folder.
        age: see `sweep`.
        size: see there.
    """

    def __init__(self, folder: Path, age: float, size: int) -> None:
        self.arguments = (folder, age, size, frozenset(folder.rglob("*")))
        self.ended = threading.Event()
        threading.Thread(target=self.run, name="sweeper", daemon=True).start()

    def run(self) -> None:
        """Sweeps until the end."""
        while not self.ended.wait(EVERY):
            sweep(*self.arguments)

    def stop(self) -> None:
        """Ends it."""
        self.ended.set()
