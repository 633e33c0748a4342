"""Files that others wrote: the one way in which mdetools looks at them before reading, and what it advises.

A few bytes can declare terabytes. What a file declares is compared with one limit, `size_limit`, before memory is taken
for it. The environment variable MDETOOLS_MAX_MIB sets another one; 0 lifts it.
"""

import errno
import math
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason

__all__ = [
    "check_size",
    "files_read",
    "is_file",
    "note_read",
    "read_bytes",
    "read_cure",
    "read_lines",
    "require_file",
    "size_limit",
]

LIMIT = "MDETOOLS_MAX_MIB"
DEFAULT_MIB = 256  # an RGB image of 89 megapixels, a depth map of 67

BUSY = "another program has it open for writing; wait until that has closed it"
FAILING = "the disk or the network share fails; look after it and try again"
MANY_FILES = "raise the limit with `ulimit -n 65536`, or lower num_workers"
NO_LOCKS = "the file system has no locks; set HDF5_USE_FILE_LOCKING=FALSE in the environment"
NO_MEMORY = "memory ran out; lower num_workers or batch_size"
NO_RIGHT = "give yourself the right to read it"
# By the names of errno, since not every system has all of them.
CURES = {
    **dict.fromkeys(["EAGAIN", "EBUSY", "ETXTBSY"], BUSY),
    **dict.fromkeys(["EIO", "ESTALE", "ENODEV", "ENXIO", "ETIMEDOUT", "EHOSTDOWN", "ENOTCONN", "EREMOTEIO"], FAILING),
    **dict.fromkeys(["EMFILE", "ENFILE"], MANY_FILES),
    **dict.fromkeys(["ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"], NO_LOCKS),
    **dict.fromkeys(["EACCES", "EPERM"], NO_RIGHT),
    "ENOMEM": NO_MEMORY,
}

watchers: list[list[str]] = []  # of this process, see `files_read`


@contextmanager
def files_read() -> Iterator[list[str]]:
    """Collects the paths of the files that are read inside, whoever reads them, in their order."""
    paths: list[str] = []
    watchers.append(paths)
    try:
        yield paths
    finally:
        watchers.pop()


def note_read(path: object) -> None:
    """Tells those who ask, see `files_read`, that a file is read."""
    for paths in watchers:
        paths.append(str(path))


def size_limit() -> float:
    """How many bytes a file may have, or what is unpacked from it may take, in one piece; infinite if lifted.

    Raises:
        UserError: if the environment variable is no number.
    """
    text = os.environ.get(LIMIT, str(DEFAULT_MIB))
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise UserError(
            f"{LIMIT} is '{one_line(text, 80)}', expected a number of MiB, or 0 for no limit; set or unset it"
        )
    return int(text) * 2**20 or math.inf


def check_size(size: int, what: object) -> None:
    """Checks a number of bytes that a file declares; `what` names the file in the error.

    Raises:
        UserError: if it is beyond the limit.
    """
    if size > size_limit():
        raise UserError(
            f"{what}: takes {size / 2**20:.4g} MiB, expected {size_limit() / 2**20:.0f} at most; if the file is to be "
            f"trusted, raise that with the environment variable {LIMIT}=N (0: no limit)"
        )


def read_cure(error: BaseException, otherwise: str | None = None) -> str | None:
    """What to do about a file that cannot be read, by the kind of the error; nothing is said against a good file.

    >>> read_cure(OSError(24, "Too many open files"), "copy it again")
    'raise the limit with `ulimit -n 65536`, or lower num_workers'

    Args:
        error: that reading it raised.
        otherwise: what to do if the file itself is to blame.
    """
    if isinstance(error, MemoryError):
        return NO_MEMORY
    name = errno.errorcode.get(getattr(error, "errno", None), "")
    if "unable to lock file" in str(error) and CURES.get(name) != BUSY:
        return NO_LOCKS
    return CURES.get(name, otherwise)


def is_file(path: Path) -> bool:
    """Whether there is such a file; not if the name is longer than a file system takes, or may not be looked up."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def require_file(path: str | Path, expected: str, otherwise: str = "copy it there") -> int:
    """Checks that a path is a file of its own, neither a folder nor a pipe or a device, which may never end.

    Args:
        path: of the file.
        expected: what it should be, for the error.
        otherwise: what to do if it is missing, or no file.

    Returns:
        its size in bytes.

    Raises:
        UserError: if it is not.
    """
    note_read(path)
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path takes as long as the rest
    except (OSError, ValueError) as error:
        raise unreadable(path, expected, error, otherwise) from error
    if not stat.S_ISREG(status.st_mode):
        found = "Is a directory" if stat.S_ISDIR(status.st_mode) else "is a pipe or a device"
        raise UserError(f"{one_line(path, 300)}: cannot be read ({found}), expected {expected}; {otherwise}")
    return status.st_size


def read_bytes(path: str | Path, expected: str, otherwise: str = "copy it there") -> bytes:
    """The content of a file that is to be read whole.

    Raises:
        UserError: if it is missing, no file, too large, or cannot be read; see `require_file` for the arguments.
    """
    check_size(require_file(path, expected, otherwise), path)
    try:
        return Path(path).read_bytes()
    except (OSError, MemoryError) as error:
        raise unreadable(path, expected, error, otherwise) from error


def unreadable(path: str | Path, expected: str, error: Exception, otherwise: str) -> UserError:
    """The error that names what failed and what to do about that."""
    reason, cure = failure_reason(error), read_cure(error, otherwise)
    return UserError(f"{one_line(path, 300)}: cannot be read ({reason}), expected {expected}; {cure}")


def read_lines(path: str | Path, expected: str) -> list[str]:
    """The lines of a text file in UTF-8, with a byte order mark or without.

    Args:
        path: of the file.
        expected: what should be in it, for the error.

    Raises:
        UserError: if it cannot be read, is no UTF-8, or holds control characters.
    """
    content = read_bytes(path, expected)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}:{line}: not a readable text file (byte {content[error.start]:#04x} is no UTF-8), expected "
            f"{expected}; save it as UTF-8"
        ) from error
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.isprintable() and not all(sign.isprintable() or sign.isspace() for sign in line):
            raise UserError(f"{path}:{number}: holds control characters, expected {expected}; write the line again")
    return lines
