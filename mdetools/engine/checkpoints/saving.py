"""What a checkpoint holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mmengine.dist import is_main_process

from mdetools import __version__
from mdetools.engine.checkpoints.files import write_checkpoint
from mdetools.engine.checkpoints.parts import states_of
from mdetools.engine.checkpoints.resuming import run_facts
from mdetools.engine.sharded_tensors import gathered, is_sharded

if TYPE_CHECKING:
    from mdetools.engine.runner import Runner

__all__ = ["save_run", "save_weights"]


def save_run(runner: Runner, path: Path, iteration: int) -> None:
    """Writes all that the next step of a run needs, in the first process; all of them have to call it.

    All randomness follows from the seed and the iteration (see `EpochTrainLoop`), so these two stand for the state of
    every random generator.

    Args:
        runner: of the run.
        path: the file; its folder is made if missing.
        iteration: number of finished iterations.

    Raises:
        UserError: see `write_checkpoint`.
    """
    if _takes_part(runner):
        _write(runner, {**weights_of(runner, iteration), "parts": states_of(runner)}, path)


def save_weights(runner: Runner, path: Path, iteration: int) -> None:
    """Writes the model's weights alone, averaged ones where the run has them. See `save_run`."""
    if _takes_part(runner):
        checkpoint = weights_of(runner, iteration)
        checkpoint.pop("ema_state_dict", None)  # EMAHook has put the averaged weights into `state_dict`
        _write(runner, checkpoint, path)


def _takes_part(runner: Runner) -> bool:
    """Whether this process is needed for a checkpoint: the first one, and all where each has a part of the weights."""
    return is_main_process() or is_sharded(runner.bare_model)


def _write(runner: Runner, checkpoint: dict, path: Path) -> None:
    if is_sharded(runner.bare_model):
        checkpoint = gathered(checkpoint, keep=is_main_process())
    if is_main_process():
        write_checkpoint(checkpoint, path)


def weights_of(runner: Runner, iteration: int) -> dict:
    """The model's weights, what hooks add to them, and what the run was."""
    checkpoint = {
        "meta": {
            "mdetools_version": __version__,
            "cfg": runner.config_text,
            "seed": runner.seed,
            "iter": iteration,
            "epoch": iteration // len(runner.train_loop.dataloader),
            **run_facts(runner),
        },
        "state_dict": runner.bare_model.state_dict(),
    }
    runner.call_hook("before_save_checkpoint", checkpoint=checkpoint)
    return checkpoint
