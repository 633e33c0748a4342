"""Hooks that say how far a run is, to those who watch it from outside, and that end it."""

import os
import signal
import time
from pathlib import Path

from mmengine.hooks import Hook

from mdetools.registry import HOOKS

__all__ = ["MomentsHook", "SigtermHook", "read_moments"]


@HOOKS.register_module()
class MomentsHook(Hook):
    """Appends a line to a file at each moment: "begin N", "step N", "writing N", "validation N", "end N".

    N is the number of finished iterations.
    """

    priority = "HIGHEST"
    changes_training = False

    def __init__(self, file: str) -> None:
        self.file = file

    def _say(self, runner, moment: str, iteration: int) -> None:
        if runner.rank == 0:
            with Path(self.file).open("a") as file:
                file.write(f"{moment} {iteration}\n")

    def before_train(self, runner) -> None:
        self._say(runner, "begin", runner.iter)

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        self._say(runner, "step", runner.iter + 1)

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        self._say(runner, "writing", checkpoint["meta"]["iter"])

    def before_val(self, runner) -> None:
        self._say(runner, "validation", runner.iter)

    def after_train(self, runner) -> None:
        self._say(runner, "end", runner.iter)


def read_moments(file: Path) -> list[tuple[str, int]]:
    """The moments so far; a line that is half written is not yet one."""
    if not file.exists():
        return []
    lines = file.read_text().split("\n")[:-1]
    return [(line.split()[0], int(line.split()[1])) for line in lines]


@HOOKS.register_module()
class SigtermHook(Hook):
    """Sends SIGTERM to its own process, in one rank.

    Args:
        moment: "step" (while a training step runs) or "validation".
        iteration: the number of finished iterations at that moment.
        rank: the rank that does so.
    """

    changes_training = False

    def __init__(self, moment: str, iteration: int, rank: int = 0) -> None:
        self.moment = moment
        self.iteration = iteration
        self.rank = rank

    def _send(self, runner, moment: str) -> None:
        if (moment, runner.iter, runner.rank) == (self.moment, self.iteration, self.rank):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)  # until the thread that listens has heard it

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        self._send(runner, "step")

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        self._send(runner, "validation")
