"""Processes that end with the one that started them, even if that one was killed and could say nothing."""

import ctypes
import os
import signal
import sys
import threading
import time

__all__ = ["end_with_parent", "is_gone"]

LAUNCHER_PID = "MDETOOLS_LAUNCHER_PID"  # set by `mdetools.engine.process.launcher` for its ranks
PR_SET_PDEATHSIG = 1
PERIOD = 1.0  # seconds between two looks at the parent, where the system does not watch it


def end_with_parent() -> None:
    """Has this process killed as soon as its parent is gone.

    On Linux the kernel does it, when the thread that started this process ends: torch elastic and `DataLoader` start
    theirs from the main thread. Elsewhere a thread looks at the parent's id.
    """
    parent = os.getppid()
    if not _kernel_watches():
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent or _launcher_is_gone():
        _end()


def is_gone(pid: int) -> bool:
    """Whether no process of this machine has that id; False on Windows, where to ask is to send Ctrl-C."""
    if os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no system has ids that large
        return True
    except PermissionError:  # another user's
        pass
    return False


def _kernel_watches() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        return ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) == 0
    except (OSError, AttributeError):  # a C library without it
        return False


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PERIOD)
    _end()


def _launcher_is_gone() -> bool:
    """Whether the launcher ended before this process could look at it."""
    pid = os.environ.get(LAUNCHER_PID)
    return pid is not None and is_gone(int(pid))


def _end() -> None:
    """Ends this process as SIGKILL does, in each of its threads."""
    os._exit(128 + 9)
