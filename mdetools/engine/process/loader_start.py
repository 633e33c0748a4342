"""What a loader's worker process does before its first sample."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.queues import Queue

from mdetools.engine.process.parent_watch import end_with_parent
from mdetools.errors import one_line

__all__ = ["LoaderStart"]


class LoaderStart:
    """Ties a worker to the process that it loads for: they end together, and what ends one is told by the other.

    - It ends with its parent, and takes SIGTERM from nobody else: a cluster's notice goes to every process of a job,
      and the one that trains still needs batches to reach a step's end.
    - A batch that cannot be handed over ends it, with the error's number for exit code. Python would print a traceback
      and drop the batch, for which the parent would wait for ever.

    Args:
        then: the loader's own `worker_init_fn`, or None.
    """

    def __init__(self, then: Callable[[int], None] | None) -> None:
        self.then = then

    def __call__(self, worker: int) -> None:
        """Starts worker number `worker`."""
        end_with_parent()
        if hasattr(signal, "sigwaitinfo"):  # macOS has none, and keeps torch's handler
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            threading.Thread(target=_take_sigterm, args=(os.getppid(),), daemon=True).start()
        sys.excepthook = partial(_tell, worker)
        Queue._on_queue_feeder_error = staticmethod(partial(_end, worker))
        if self.then is not None:
            self.then(worker)


def _take_sigterm(parent: int) -> None:
    while signal.sigwaitinfo([signal.SIGTERM]).si_pid != parent:
        pass
    os._exit(0)


def _tell(worker: int, kind: type[BaseException], error: BaseException, traceback: object) -> None:
    """In place of a traceback, for what fails beside the samples, whose errors go to the parent.

    What the system lacks the parent tells.
    """
    if not (isinstance(error, OSError) and error.errno):
        print(f"loader worker {worker}: {kind.__name__}: {one_line(error)}", file=sys.stderr, flush=True)


def _end(worker: int, error: Exception, item: object) -> None:
    _tell(worker, type(error), error, None)
    os._exit(getattr(error, "errno", None) or 1)
