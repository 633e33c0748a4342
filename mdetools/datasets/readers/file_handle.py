"""An open file that survives forked and spawned workers."""

import os
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["FileHandle"]

File = TypeVar("File")


class FileHandle(Generic[File]):
    """Opens a file on its first use in each process: processes that share a handle would move each other's position.

    Args:
        opener: returns the open file; can be pickled.
    """

    def __init__(self, opener: Callable[[], File]) -> None:
        self.opener = opener
        self.file, self.process = None, -1

    def __getstate__(self) -> dict:
        return {**self.__dict__, "file": None, "process": -1}  # an open file can't go to a spawned worker

    def get(self) -> File:
        """The file, opened by this process."""
        if self.process != os.getpid():
            self.file = None  # closes what a fork copied first, or HDF5 would share its file descriptor
            self.file, self.process = self.opener(), os.getpid()
        return self.file
