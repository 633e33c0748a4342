"""What exceptions of the system and of torch mean: used-up resources, and processes that are gone."""

import errno
import gc
import re
import sys
from traceback import clear_frames
from types import TracebackType

from mdetools.errors import one_line

__all__ = ["lost_peer", "release", "resource_message"]

DISK = "the disk is full ({}); free some space and go on with --resume"
FILES = (
    "too many open files ({}); allow more with 'ulimit -n 4096' before the start, or lower "
    "train_dataloader.num_workers and val_dataloader.num_workers"
)
SHARED_MEMORY = (
    "/dev/shm, through which loader workers hand over their batches, is full ({}); make it larger (docker run "
    "--shm-size=8g), or lower num_workers, prefetch_factor or batch_size of the loader"
)
MEMORY = "the memory is used up ({}); lower num_workers or batch_size of the loader, or give the job more memory"
# Words of the messages, from which an error's number is gone: a worker's exception comes as text. The first that fits
# counts. The exit code of a worker that could not hand over a batch is the error's number, see `LoaderStart`.
WORDS = {
    FILES: r"Too many open files|\[Errno 2[34]\]|errno = 2[34],|received \d+ items of ancdata|"
    r"worker .* exit code 2[34]\b",
    SHARED_MEMORY: r"unable to allocate shared memory|out of shared memory|/dev/shm|unable to (resize|mmap|open) \w+|"
    r"worker .* killed by signal: Bus error|worker .* exit code 28\b",
    DISK: r"\[Errno (28|122)\]",
    MEMORY: r"\[Errno 12\]|[Cc]an(no|')t allocate memory|worker .* killed by signal: Killed|worker .* exit code 12\b",
}
PEER_LOST = re.compile(
    r"connection (was )?(closed|reset)|connection was likely closed|broken pipe|remote process exited|failed to recv|"
    r"socket (closed|error)|ncclRemoteError",
    re.IGNORECASE,
)


def resource_message(error: BaseException) -> str | None:
    """The line to show for an exception which says that something of this machine is used up; else None."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (SHARED_MEMORY if _passed_multiprocessing(error.__traceback__) else DISK).format(one_line(error, 200))
    if isinstance(error, EOFError | ConnectionError) and _passed_multiprocessing(error.__traceback__):
        return FILES.format("a loader worker could not hand over a batch")
    if isinstance(error, MemoryError):
        return MEMORY.format(one_line(error, 200) or "MemoryError")
    if not isinstance(error, OSError | RuntimeError):
        return None
    for line, words in WORDS.items():
        if found := re.search(words, str(error)):
            return line.format(found.group())
    return None


def lost_peer(error: BaseException) -> str | None:
    """The line to show for an exception which says that another process of the job has gone away; else None.

    That one has the cause, maybe on another machine.
    """
    distributed = sys.modules.get("torch.distributed")
    if not isinstance(error, RuntimeError) or distributed is None or not distributed.is_initialized():
        return None
    if not PEER_LOST.search(str(error)):
        return None
    return f"another process of the job is gone ({one_line(error, 200)}); what it or its launcher printed says why"


def release(error: BaseException) -> None:
    """Lets go of what a failed call still holds, such as a loader's files: with none left the exit would stumble."""
    hook, sys.unraisablehook = sys.unraisablehook, lambda unraisable: None  # what is half built complains as it goes
    try:
        clear_frames(error.__traceback__)
        gc.collect()
    finally:
        sys.unraisablehook = hook


def _passed_multiprocessing(traceback: TracebackType | None) -> bool:
    """Whether an exception comes from Python's multiprocessing: its semaphores lie in /dev/shm, batches are sent."""
    while traceback is not None:
        if str(traceback.tb_frame.f_globals.get("__name__")).startswith("multiprocessing."):
            return True
        traceback = traceback.tb_next
    return False
