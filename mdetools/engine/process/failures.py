"""How a failure of one rank reaches the launcher: torch elastic's error files, written here and read here."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mdetools.engine.process.termination import EXIT_TERMINATED
from mdetools.errors import UserError
from mdetools.files import write_text

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

__all__ = ["EXIT_USER_ERROR", "LOST_PEER", "error_file", "explain", "record_failure", "restarts", "root_cause"]

EXIT_USER_ERROR = 2
MISTAKE = "UserError: "  # how the message of a user's mistake begins
LOST_PEER = "LostPeer: "  # and that of a rank which another one has left alone


def error_file() -> Path | None:
    """Where torch elastic (torchrun, tools/dist_train.sh) wants this rank's failure; None if it did not start it."""
    path = os.environ.get("TORCHELASTIC_ERROR_FILE")
    return Path(path) if path else None


def record_failure(message: str, text: str) -> bool:
    """Writes this rank's error file, in the format of torch elastic's `ErrorHandler`, without importing torch.

    Args:
        message: class and message of the exception; `MISTAKE` and `LOST_PEER` mark two kinds.
        text: what a launcher is to print: the traceback, or the one line of a user's mistake.

    Returns:
        whether the launcher prints `text`. If not, the rank has to: there is none, the file cannot be written, or the
        launcher will forget it and start the ranks again.
    """
    path = error_file()
    if path is None:
        return False
    now = time.time()
    extra = {"py_callstack": text, "timestamp": str(int(now)), "time": now}  # torch reads whole seconds
    with suppress(UserError):  # of a full disk
        write_text(path, json.dumps({"message": {"message": message, "extraInfo": extra}}))
        return restarts() >= int(os.environ.get("TORCHELASTIC_MAX_RESTARTS", 0))
    return False


def restarts() -> int:
    """How often torch elastic has started this job's ranks again."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0))


def root_cause(failures: dict[int, ProcessFailure]) -> int:
    """The rank whose failure explains those of the others.

    A rank that loses a peer fails too, within milliseconds, and torch elastic's time stamps are whole seconds. So a
    user's mistake on any rank comes first; then a rank that was the first to end and left no error file, since it was
    killed; then the first exception, and last those of ranks that say themselves that they lost another.

    Args:
        failures: by rank, in the order in which they were noticed, as `ChildFailedError` has them.
    """
    first = next(iter(failures))
    recorded = [rank for rank, failure in failures.items() if is_recorded(failure)]
    mistakes = [rank for rank in recorded if is_kind(failures[rank], MISTAKE)]
    if not mistakes and first not in recorded:
        return first
    own = [rank for rank in recorded if not is_kind(failures[rank], LOST_PEER)]
    return min(mistakes or own or recorded, key=lambda rank: failures[rank].message["extraInfo"]["time"])


def explain(rank: int, failure: ProcessFailure) -> tuple[str, int]:
    """What to tell the user about the failure of a rank, and the exit code of the job.

    Returns:
        the line `error: ...` and 2 for a user's mistake; the traceback and the rank's exit code for any other
        exception; a line and 128 + the signal's number, as in a shell, for a rank that a signal ended.
    """
    code = failure.exitcode
    if is_recorded(failure):
        text = failure.message["extraInfo"]["py_callstack"].rstrip()
        if is_kind(failure, MISTAKE):
            return text, EXIT_USER_ERROR
        if is_kind(failure, LOST_PEER):
            return text, max(code, 1)
        return f"rank {rank} failed:\n{text}", max(code, 1)  # below 1 if the launcher ended it on its way out
    if code == EXIT_TERMINATED:
        return f"error: rank {rank} (process {failure.pid}) was ended by SIGTERM", code
    if code > 0:
        return f"error: rank {rank} ended with exit code {code}; what it printed above may say why", code
    name = failure.signal_name()
    advice = "; the system does this when memory runs out: lower batch_size or num_workers" if name == "SIGKILL" else ""
    return f"error: rank {rank} (process {failure.pid}) was killed by {name}{advice}", 128 - code


def is_recorded(failure: ProcessFailure) -> bool:
    """Whether the rank wrote its error file."""
    return isinstance(failure.message, dict)


def is_kind(failure: ProcessFailure, kind: str) -> bool:
    """Whether a recorded failure is of a kind, `MISTAKE` or `LOST_PEER`."""
    return failure.message["message"].startswith(kind)
