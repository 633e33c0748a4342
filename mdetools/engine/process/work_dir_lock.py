"""One run per folder that is written to."""

import errno
import os
import socket
from pathlib import Path

from mmengine.logging import print_log

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason, remove_leftovers

__all__ = ["LOCK_FILE", "lock_folder", "lock_work_dir"]

LOCK_FILE = "run.lock"
NOT_ON_WINDOWS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
HELD: dict[Path, int] = {}  # descriptors, which are never closed: the locks last as long as the process


def lock_work_dir(folder: str | Path) -> None:
    """Locks a work dir by `lock_folder`."""
    lock_folder(folder, "work dir", "choose another --work-dir")


def lock_folder(folder: str | Path, what: str, otherwise: str) -> None:
    """Locks a folder, made if missing, for as long as this process lives, and removes what a killed run left in it.

    It is a lock of the kernel, which no end of the process leaves behind, and not the file's being there. Of the kinds
    of lock it is the one that belongs to a process: forked loader workers do not hold it too, and so a run that was
    killed can be resumed at once.

    Args:
        folder: to write to.
        what: it is, for the error.
        otherwise: what the user can do if it is in use or cannot be written to.

    Raises:
        UserError: if another process, here or on another machine that sees the folder, holds it.
    """
    path = (Path(folder) / LOCK_FILE).absolute()
    if path in HELD:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NOT_ON_WINDOWS, 0o666)
    except OSError as error:
        raise UserError(f"{what} '{folder}' cannot be written to ({failure_reason(error)}); {otherwise}") from error
    try:
        import fcntl  # Windows has none

        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, ImportError) as error:
        if getattr(error, "errno", None) in (errno.EACCES, errno.EAGAIN):
            owner = one_line(os.read(descriptor, 200).decode(errors="replace")) or "unknown"
            os.close(descriptor)
            raise UserError(
                f"{what} '{folder}' is in use by another run ({owner}); wait for its end, stop it, or {otherwise}"
            ) from None
        print_log(
            f"{what} '{folder}' cannot be locked ({one_line(error)}): see that no second run uses it", "current", 30
        )
    HELD[path] = descriptor
    remove_leftovers(path.parent)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
