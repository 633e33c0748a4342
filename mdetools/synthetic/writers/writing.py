"""What the writers of data sets share: a folder that knows its settings, files that are whole, several processes."""

import json
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from mdetools.errors import UserError

__all__ = ["claim", "replacing", "run_jobs"]

MARKER = "synthetic.json"

Job = TypeVar("Job")
Result = TypeVar("Result")


def claim(root: Path, settings: dict) -> None:
    """Marks the folder as the data set's of these settings, unless it is another's.

    Raises:
        UserError: if the folder holds anything else, or can't be written to.
    """
    marker, text = root / MARKER, json.dumps(settings, indent=2) + "\n"
    if marker.is_file():
        found = marker.read_text()
        if found != text:
            raise UserError(
                f"{root}: holds a data set made with {' '.join(found.split())}, not {json.dumps(settings)}; "
                "choose another folder, or delete this one"
            )
        return
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UserError(f"{root}: holds other data; choose a new or an empty folder")
    try:
        root.mkdir(parents=True, exist_ok=True)
        marker.write_text(text)
    except OSError as error:
        raise UserError(f"{root}: cannot be written to ({error.strerror}); choose another folder") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`, and renames the file to it when it is whole; makes the folder.

    Raises:
        UserError: if the file can't be written; nothing of it is left then.
    """
    temporary = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UserError(f"{path}: cannot be written ({_reason(error)}); mend that and run it again") from error


def _reason(error: OSError) -> str:
    """Why a file could not be written; HDF5 hides the system's message in a long text of several lines."""
    message = re.search(r"error message = '([^']*)'", str(error))
    return message[1] if message else error.strerror or " ".join(str(error).split())


def run_jobs(function: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> Iterator[Result]:
    """Results of the jobs, in their order, by so many processes."""
    if workers == 1:
        yield from map(function, jobs)
        return
    # Forked where that is safe: a spawned process would import torch anew, which takes seconds and which it never uses.
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_parent) as pool:
        try:
            yield from pool.map(function, jobs, chunksize=4)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _leave_interrupts_to_parent() -> None:
    """Ctrl-C reaches every process of a terminal; one message is enough."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
