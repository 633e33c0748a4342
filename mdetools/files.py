"""Files that are whole or not there: the one way in which mdetools writes."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mdetools.errors import UserError, one_line

__all__ = ["LEFTOVER", "failure_cure", "failure_reason", "remove_leftovers", "replacing", "write_text"]

ADVICE = "{cure} and run it again"
LONGEST = 240  # bytes of a name that get 14 more for a while; file systems take 255
LEFTOVER = re.compile(r"\..+\.[0-9a-f]{8}\.tmp", re.DOTALL)
REASONS = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
# What helps, by the kind of the system's error.
CURES = {
    **dict.fromkeys(REASONS, "free some space"),
    **dict.fromkeys((errno.EACCES, errno.EPERM), "get the right to write there, or choose another folder,"),
    errno.EROFS: "mount it for writing, or choose another folder,",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "raise the limit (ulimit -n) or lower num_workers"),
    errno.EFBIG: "raise the limit on a file's size (ulimit -f)",
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "see that its folder is there"),
    errno.ENAMETOOLONG: "choose a shorter name",
    **dict.fromkeys((errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOLCK), "check the disk and its mount"),
}


@contextmanager
def replacing(path: str | Path, advice: str = ADVICE, durable: bool = False) -> Iterator[Path]:
    """Gives a temporary file beside `path`, and renames it to `path` when it is whole; makes the folder.

    Whatever ends the block early, Ctrl-C too, removes the temporary file and leaves what stood at `path` untouched.
    The temporary file is made under a name that no other process draws and that no link stands at, so that two writers
    of one path do not write into each other's; what a killed process leaves is `.<name>.<8 digits>.tmp`. A device or a
    pipe, such as /dev/stdout, is written to directly.

    >>> with replacing("results.json") as temporary:  # doctest: +SKIP
    ...     temporary.write_text("{}")

    Args:
        path: where the file is to be.
        advice: the end of the error's line, what the user can do; `{cure}` in it becomes what helps against this error.
        durable: wait until the bytes are on the disk, so that a power cut right after leaves the whole file.

    Raises:
        UserError: if the file cannot be written.
    """
    path = Path(path)
    beginning = os.fsdecode(os.fsencode(path.name)[:LONGEST])
    temporary = path.with_name(f".{beginning}.{os.urandom(4).hex()}.tmp")
    try:
        if path.exists() and not path.is_file():
            yield path
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)  # which follows no link
        yield temporary
        if durable:
            synchronize(temporary)
        temporary.replace(path)
        if durable:
            synchronize(path.parent)
    except OSError as error:
        raise unwritable(path, error, advice) from error
    finally:
        with suppress(OSError):  # of a folder that cannot be written to
            temporary.unlink(missing_ok=True)


def unwritable(path: Path, error: BaseException, advice: str) -> UserError:
    """What the user is told of a file that cannot be written; `advice` as in `replacing`."""
    advice = advice.replace("{cure}", failure_cure(error))
    return UserError(f"{path}: cannot be written ({failure_reason(error)}); {advice}")


def write_text(path: str | Path, text: str, advice: str = ADVICE, durable: bool = False) -> None:
    """Writes a text file, UTF-8, by `replacing`."""
    with replacing(path, advice, durable) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_leftovers(folder: Path) -> None:
    """Removes, in a folder and those in it, the temporary files of processes that were killed within `replacing`."""
    for path in folder.rglob(".*.tmp"):
        if LEFTOVER.fullmatch(path.name):
            with suppress(OSError):
                path.unlink()


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
    reason = REASONS.get(_number_of(error)) or (message[1] if message else getattr(error, "strerror", None))
    return reason or one_line(error) or type(error).__name__


def failure_cure(error: BaseException) -> str:
    """What helps against an error in writing, the beginning of a sentence.

    >>> failure_cure(OSError(errno.EMFILE, "Too many open files"))
    'raise the limit (ulimit -n) or lower num_workers'
    """
    return CURES.get(_number_of(error), "fix that")


def _number_of(error: BaseException) -> int | None:
    """The system's number of an error, which HDF5 writes into its text."""
    number = re.search(r"errno = (\d+), error message", str(error))
    return int(number[1]) if number else getattr(error, "errno", None)
