"""SIGTERM, a cluster's notice that time is up: an orderly end in place of a sudden one."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mdetools.engine.process.parent_watch import is_gone

__all__ = ["EXIT_TERMINATED", "Terminated", "TerminationNotice", "sigterm_unwinds"]

EXIT_TERMINATED = 128 + 15
SAME_NOTICE = 1.0  # seconds within which a second SIGTERM is the first again, sent by the cluster and by the launcher


class Terminated(SystemExit):
    """The end of a process that SIGTERM asked for; its exit code is 143, as a shell has it.

    Args:
        told: whether the user knows already.
    """

    def __init__(self, told: bool = False) -> None:
        super().__init__(EXIT_TERMINATED)
        self.told = told


@contextmanager
def sigterm_unwinds() -> Iterator[None]:
    """Lets SIGTERM raise `Terminated` in the main thread, as Ctrl-C does, so that temporary files are removed."""
    if not _can_handle():
        yield
        return
    signal.signal(signal.SIGTERM, _unwind)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _unwind:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


class TerminationNotice:
    """SIGTERM noted, so that a training can reach a place where it can stop.

    A second SIGTERM ends the process at once. So does the first if another rank of this machine is gone: a launcher
    sends it to the ranks that a failed one has left behind, and they may wait for that one for ever. Both work while
    the main thread is inside a call of C, since a thread of its own acts on the signal.

    Attributes:
        requested: whether SIGTERM has come.
        peers: ids of the processes of this machine without which nothing can go on.
    """

    def __init__(self) -> None:
        self.requested = False
        self.peers: list[int] = []
        self.ends: tuple[socket.socket, socket.socket] | None = None

    def listen(self, peers: list[int]) -> None:
        """Notes SIGTERM from now on, unless it is ignored, or this is not the main thread."""
        self.peers = peers
        if self.ends is not None or not _can_handle():
            return
        self.ends = socket.socketpair()
        for end in self.ends:
            end.setblocking(end is self.ends[0])
        self.before = signal.signal(signal.SIGTERM, _wait_for_thread)
        signal.set_wakeup_fd(self.ends[1].fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(self.ends[0],), daemon=True).start()

    def close(self) -> None:
        """Gives SIGTERM back to what it did before."""
        if self.ends is None:
            return
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, self.before)
        self.ends[1].close()  # which ends the thread
        self.ends = None

    def _watch(self, end: socket.socket) -> None:
        first = None
        with end:
            while numbers := end.recv(64):  # one byte per signal, whichever it is
                if signal.SIGTERM not in numbers:
                    continue
                now = time.monotonic()
                if any(map(is_gone, self.peers)) or (first is not None and now - first > SAME_NOTICE):
                    os._exit(EXIT_TERMINATED)
                first = now if first is None else first
                self.requested = True


def _unwind(number: int, frame) -> None:
    raise Terminated


def _wait_for_thread(number: int, frame) -> None:
    """Does nothing: `TerminationNotice` reads the signal's number from the wake-up socket."""


def _can_handle() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    return signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, _unwind)


def _is_ours() -> bool:
    return signal.getsignal(signal.SIGTERM) in (_unwind, _wait_for_thread)


def _hold_back() -> None:
    """Before a fork: a signal to the child would still be taken for one to the parent."""
    if _is_ours():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def _let_come() -> None:
    if _is_ours():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def _forget_in_child() -> None:
    """Gives a forked child SIGTERM's own meaning back: `terminate()` ends it, and the parent hears nothing."""
    if _is_ours():
        with suppress(ValueError):  # of a thread that cannot set signals
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_back, after_in_parent=_let_come, after_in_child=_forget_in_child)
