"""Files that are whole or not there: the one way in which mdetools writes."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mdetools.errors import UserError, one_line

__all__ = ["failure_reason", "replacing", "write_text"]


@contextmanager
def replacing(path: str | Path, advice: str = "fix that and run it again", durable: bool = False) -> Iterator[Path]:
    """Gives a temporary path beside `path`, and renames the file to it when it is whole; makes the folder.

    Whatever ends the block early, Ctrl-C too, removes the temporary file and leaves what stood at `path` untouched. A
    device or a pipe, such as /dev/stdout, is written to directly.

    >>> with replacing("results.json") as temporary:  # doctest: +SKIP
    ...     temporary.write_text("{}")

    Args:
        path: where the file is to be.
        advice: the end of the error's line, what the user can do.
        durable: wait until the bytes are on the disk, so that a power cut right after leaves the whole file.

    Raises:
        UserError: if the file cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        if path.exists() and not path.is_file():
            yield path
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # of a process that was killed, or a link that somebody planted
        yield temporary
        if durable:
            synchronize(temporary)
        temporary.replace(path)
        if durable:
            synchronize(path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({failure_reason(error)}); {advice}") from error
    finally:
        with suppress(OSError):  # of a folder that cannot be written to
            temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str, advice: str = "fix that and run it again", durable: bool = False) -> None:
    """Writes a text file, UTF-8, by `replacing`."""
    with replacing(path, advice, durable) as temporary:
        temporary.write_text(text, encoding="utf-8")


def synchronize(path: Path) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def failure_reason(error: BaseException) -> str:
    """Why a file could not be written or read; HDF5 hides the system's message in a text of several lines."""
    message = re.search(r"error message = '([^']*)'", str(error))
    if message:
        return message[1]
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return getattr(error, "strerror", None) or one_line(error) or type(error).__name__
