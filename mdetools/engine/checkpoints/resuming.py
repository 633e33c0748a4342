"""Going on from a checkpoint: exactly, but for what the user chose to change, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from mmengine.dist import all_gather_object
from mmengine.hooks import EMAHook

from mdetools.engine.checkpoints.contents import check_contents
from mdetools.engine.checkpoints.differences import Difference, differences, touch
from mdetools.engine.checkpoints.optimisation import replay
from mdetools.engine.checkpoints.parts import load_parts
from mdetools.engine.process.failures import restarts
from mdetools.errors import UserError
from mdetools.weights.config_text import parse_config_text

if TYPE_CHECKING:
    from mdetools.engine.runner import Runner

__all__ = ["check_ranks_agree", "check_resumable", "restore", "run_facts", "trained_weights"]

MOST_LISTED = 5
OPTIMISATION = ("optim_wrapper", "param_scheduler", "auto_scale_lr", "train_cfg", "iters_per_epoch")


def run_facts(runner: Runner) -> dict[str, int]:
    """What must be the same when a run goes on from a checkpoint and does not stand in its config."""
    return {"world_size": runner.world_size, "iters_per_epoch": len(runner.train_loop.dataloader)}


def check_resumable(runner: Runner, checkpoint: dict, filename: str) -> list[Difference]:
    """Checks that a checkpoint was written by this very run, but for what `runner.resume_with` names.

    Args:
        runner: of the run that is to go on.
        checkpoint: content of the file.
        filename: for the error.

    Returns:
        the differences that the user accepts.

    Raises:
        UserError: if the file is not what a run resumes from, see `check_contents`; if there are other differences, or
            none where one was named; or if the checkpoint does not lie at an epoch's end and epochs have another length
            now, or lies beyond the run's end.
    """
    check_contents(checkpoint, filename)
    found = _differences(runner, checkpoint["meta"], filename)
    for key in runner.resume_with:
        if not touch(found, key) and not restarts():  # ranks started again may find a checkpoint that has it already
            raise UserError(
                f"--resume-with {key} names nothing that differs: '{filename}' {_account(found)}; leave it out, or "
                "name what differs"
            )
    refused = [one for one in found if not touch([one], *runner.resume_with)]
    if touch(refused, "iters_per_epoch") and touch(found, "train_dataloader", "world_size"):
        refused = [one for one in refused if one.path != "iters_per_epoch"]  # it follows from those
    if refused:
        raise UserError(
            f"'{filename}' {_account(refused)}; resume with the same settings, or take new ones knowingly with "
            f"--resume-with {refused[0].path}, or start again from its weights with load_from"
        )
    if touch(found, *OPTIMISATION) and any(map(_follows_validation, _schedulers(runner))):
        raise UserError(
            f"'{filename}' {_account(found)}, and a schedule that follows the validation cannot start again within a "
            "run; resume with the same settings, or start again from its weights with load_from"
        )
    _check_position(runner, checkpoint["meta"], filename)
    return found


def restore(runner: Runner, checkpoint: dict, filename: str, accepted: Sequence[Difference] = ()) -> None:
    """Puts a run, whose model has its weights already, where the checkpoint was written.

    Settings of the optimisation that differ knowingly are the config's: the optimiser keeps the learning rates, decay
    and so on that it was built with, and the schedules are taken from the run's start to this iteration again. The
    optimiser's moments are the checkpoint's, unless it is of another class now.

    Args:
        runner: of the run.
        checkpoint: content of the file.
        filename: for messages.
        accepted: what `check_resumable` gave.

    Raises:
        UserError: if the state of a part does not fit.
    """
    meta, loop = checkpoint["meta"], runner.train_loop
    if meta["seed"] != runner.seed and not touch(accepted, "randomness.seed"):
        runner.logger.info(f"the seed is {meta['seed']} again, as when the run began, in place of {runner.seed}")
        runner.take_seed(meta["seed"])
    loop.begin_at(_position(runner, meta))
    if touch(accepted, *OPTIMISATION):
        fresh = _fresh_parts(runner, checkpoint["parts"], accepted)
        load_parts(runner, checkpoint["parts"], filename, fresh, own_settings=True)
        replay(_schedulers(runner), loop.iter, len(loop.dataloader))
    else:
        load_parts(runner, checkpoint["parts"], filename)
    for difference in accepted:
        runner.logger.warning(f"resumed with other settings, knowingly: {difference}")
    runner.logger.info(f"resumed {filename} at epoch {loop.epoch}, iteration {loop.iter}")


def trained_weights(runner: Runner, checkpoint: dict) -> dict:
    """The weights to go on from: where averaged ones are written and the run averages no more, those that were trained.

    A run with an EMAHook gets both, by the hook.
    """
    average = checkpoint.get("ema_state_dict", {})
    if not average or any(isinstance(hook, EMAHook) for hook in runner.hooks):
        return checkpoint["state_dict"]
    return {name: average[f"module.{name}"] for name in checkpoint["state_dict"]}  # EMAHook has swapped them


def _differences(runner: Runner, meta: dict, filename: str) -> list[Difference]:
    then = parse_config_text(meta["cfg"], filename)
    now = parse_config_text(runner.config_text, "this run's config")
    facts = [Difference(name, meta[name], value) for name, value in run_facts(runner).items() if meta[name] != value]
    return differences(then, now) + facts


def _account(found: Sequence[Difference]) -> str:
    """What a checkpoint was written with, and what is now."""
    more = f" and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
    return f"was written with {', '.join(map(str, found[:MOST_LISTED]))}{more}" if found else "has the same settings"


def _schedulers(runner: Runner) -> list:
    return list(runner.named_schedulers.values())


def _follows_validation(scheduler: object) -> bool:
    return getattr(scheduler, "need_val_args", False)  # MMEngine's sign


def _fresh_parts(runner: Runner, states: Collection[str], accepted: Sequence[Difference]) -> set[str]:
    """The parts whose states are not those of the checkpoint."""
    fresh = {path for path in states if path.split(".")[0] == "param_scheduler"} | set(runner.named_schedulers)
    return fresh | ({"optim_wrapper"} if touch(accepted, "optim_wrapper.optimizer.type") else set())


def _position(runner: Runner, meta: dict) -> int:
    """The number of finished iterations, in epochs as long as they are now."""
    before, now = meta["iters_per_epoch"], run_facts(runner)["iters_per_epoch"]
    return meta["iter"] if before == now else meta["iter"] // before * now


def _check_position(runner: Runner, meta: dict, filename: str) -> None:
    before, now = meta["iters_per_epoch"], run_facts(runner)["iters_per_epoch"]
    epoch, within = divmod(meta["iter"], before)
    if before != now and within:
        raise UserError(
            f"'{filename}' was written at iteration {within} of {before} of an epoch, which has {now} iterations now; "
            f"resume from the checkpoint of an epoch's end, such as epoch_{epoch}.pth"
        )
    if _position(runner, meta) > runner.max_iters:
        raise UserError(
            f"'{filename}' was written after {meta['iter']} iterations, and the run ends after {runner.max_iters}; "
            "resume from an earlier checkpoint, or raise train_cfg.max_epochs"
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
