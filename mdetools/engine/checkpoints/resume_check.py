"""Whether a run can go on exactly from a checkpoint."""

from mmengine.dist import all_gather_object
from mmengine.hooks import EMAHook
from mmengine.runner import Runner

from mdetools.errors import UserError

__all__ = ["check_ranks_agree", "check_resumable", "run_facts"]


def run_facts(runner: Runner) -> dict[str, int | str]:
    """What must be the same when a checkpoint is written and when a run goes on from it."""
    loader = runner.train_loop.dataloader
    return {
        "iters_per_epoch": len(loader),
        "batch_size": loader.batch_sampler.batch_size,
        "world_size": runner.world_size,
        "max_epochs": runner.max_epochs,  # the learning rate follows from it
        "accumulative_counts": runner.cfg.optim_wrapper.get("accumulative_counts", 1),
        "optimizer": type(runner.optim_wrapper.optimizer).__name__,
    }


def check_resumable(runner: Runner, checkpoint: dict, filename: str) -> None:
    """Checks that a checkpoint was written by a run of this kind.

    Args:
        runner: of the run that is to go on.
        checkpoint: content of the file.
        filename: for the error.

    Raises:
        UserError: if the file holds weights alone, or the run's settings are others.
    """
    mend = "or start anew from its weights with load_from"
    if not {"meta", "optimizer", "hooks"} <= checkpoint.keys():
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
        raise UserError(f"'{filename}' was written with {', '.join(changed)}; resume with the same settings, {mend}")
    if "ema_state_dict" in checkpoint and not any(isinstance(hook, EMAHook) for hook in runner.hooks):
        raise UserError(
            f"'{filename}' was written with averaged weights, and this run has no EMAHook; set default_hooks.ema as "
            f"before, {mend}"
        )


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
