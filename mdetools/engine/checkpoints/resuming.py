"""Going on from a checkpoint, exactly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmengine.dist import all_gather_object
from mmengine.hooks import EMAHook

from mdetools.engine.checkpoints.parts import load_parts
from mdetools.errors import UserError

if TYPE_CHECKING:
    from mdetools.engine.runner import Runner

__all__ = ["check_ranks_agree", "check_resumable", "restore", "run_facts"]

OTHERWISE = "or start again from its weights with load_from"
PARTS_OF_0_1 = {"optimizer", "param_schedulers", "hooks"}  # the keys in which version 0.1 kept a run's state


def run_facts(runner: Runner) -> dict[str, int | str]:
    """What must be the same when a checkpoint is written and when a run goes on from it."""
    loader = runner.train_loop.dataloader
    schedulers = [f"{path}={type(scheduler).__name__}" for path, scheduler in runner.named_schedulers.items()]
    return {
        "iters_per_epoch": len(loader),
        "batch_size": loader.batch_sampler.batch_size,
        "world_size": runner.world_size,
        "max_epochs": runner.max_epochs,  # the learning rate follows from it
        "accumulative_counts": runner.cfg.optim_wrapper.get("accumulative_counts", 1),
        "optimizer": type(runner.optim_wrapper.optimizer).__name__,
        "schedulers": " and ".join(schedulers) or "none",
    }


def check_resumable(runner: Runner, checkpoint: dict, filename: str) -> None:
    """Checks that a checkpoint was written by a run of this kind.

    Args:
        runner: of the run that is to go on.
        checkpoint: content of the file.
        filename: for the error.

    Raises:
        UserError: if the file holds weights alone or is of version 0.1, or the run's settings are others.
    """
    if checkpoint.keys() >= PARTS_OF_0_1:
        raise UserError(
            f"'{filename}' is of mdetools 0.1, whose runs this version cannot resume, only start from; use load_from "
            "or pretrained.checkpoint"
        )
    if not {"meta", "parts"} <= checkpoint.keys():
        raise UserError(
            f"'{filename}' holds weights alone and cannot be resumed; use load_from or pretrained.checkpoint"
        )
    written = checkpoint["meta"]
    changed = [
        f"{name} {written.get(name)} (now {value})"
        for name, value in run_facts(runner).items()
        if written.get(name) != value
    ]
    if changed:
        raise UserError(
            f"'{filename}' was written with {', '.join(changed)}; resume with the same settings, {OTHERWISE}"
        )
    if "ema_state_dict" in checkpoint and not any(isinstance(hook, EMAHook) for hook in runner.hooks):
        raise UserError(
            f"'{filename}' was written with averaged weights, and this run has no EMAHook; set default_hooks.ema as "
            f"before, {OTHERWISE}"
        )


def restore(runner: Runner, checkpoint: dict, filename: str) -> None:
    """Puts a run, whose model has its weights already, where the checkpoint was written.

    Args:
        runner: of the run.
        checkpoint: content of the file.
        filename: for messages.

    Raises:
        UserError: if it was written with other settings, see `check_resumable`.
    """
    check_resumable(runner, checkpoint, filename)
    meta, loop = checkpoint["meta"], runner.train_loop
    if meta["seed"] != runner.seed:
        runner.logger.info(f"the seed is {meta['seed']} again, as when the run began, in place of {runner.seed}")
        runner.take_seed(meta["seed"])
    loop.begin_at(meta["iter"])
    load_parts(runner, checkpoint["parts"], filename)
    runner.logger.info(f"resumed {filename} at epoch {loop.epoch}, iteration {loop.iter}")


def check_ranks_agree(runner: Runner) -> None:
    """Checks that all processes begin at the same iteration.

    Raises:
        UserError: in each process, if they do not.
    """
    iterations = all_gather_object(runner.iter)
    if len(set(iterations)) > 1:
        raise UserError(
            f"the processes would begin at different iterations, {iterations}; a run on several machines needs its "
            f"work dir on a disk that all of them see (here {runner.work_dir})"
        )
