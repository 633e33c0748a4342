"""From a checked config to a trained model: what tools/train.py does."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.configs.required_entries import check_trainable
from mdetools.engine.hooks.stop_hook import StopHook
from mdetools.engine.process.distributed import start_process_group
from mdetools.engine.process.failures import restarts
from mdetools.engine.process.preflight import check_output_folder
from mdetools.engine.process.termination import TerminationNotice
from mdetools.engine.process.work_dir_lock import lock_work_dir
from mdetools.engine.runner import Runner
from mdetools.errors import UserError

__all__ = ["apply_train_options", "choose_work_dir", "run_training"]


def choose_work_dir(cfg: Config, work_dir: str | None) -> None:
    """Sets the work dir to `work_dir`, or else to the config's own, or else to `work_dirs/<config name>`.

    Raises:
        UserError: if it cannot be written to.
    """
    cfg.work_dir = work_dir or cfg.get("work_dir") or f"work_dirs/{Path(cfg.filename).stem}"
    check_output_folder(cfg.work_dir, "work dir")


def apply_train_options(
    cfg: Config,
    work_dir: str | None = None,
    resume: str | None = None,
    amp: str | None = None,
    launcher: str = "none",
    weights_as_is: bool = False,
) -> None:
    """Puts the command line of tools/train.py into `cfg`, in place.

    Args:
        cfg: the config.
        work_dir: folder of the run; None leaves the config's, or `work_dirs/<config name>`.
        resume: "auto" for the work dir's newest checkpoint, or a checkpoint; ranks that were started again after a
            failure go on from the newest.
        amp: "off", "fp16", "bf16", or None to leave the config's.
        launcher: who started the processes.
        weights_as_is: load weights even if they say that they were made for another model.

    Raises:
        UserError: if the config cannot be trained, or the work dir cannot be written to.
    """
    check_trainable(cfg)
    choose_work_dir(cfg, work_dir)
    cfg.launcher = launcher
    if weights_as_is:
        cfg.weights_as_is = True
    if restarts() and last_checkpoint(Path(cfg.work_dir)) is not None:
        resume = "auto"  # from what the ranks wrote that torch elastic started before these
    if resume == "auto":
        cfg.resume = "auto"  # `load_from` stays, for a run that has nothing to go on from yet
    elif resume is not None:
        cfg.resume, cfg.load_from = True, resume
    if amp == "off":
        cfg.optim_wrapper.type = "OptimWrapper"
        cfg.optim_wrapper.pop("dtype", None)
    elif amp is not None:
        cfg.optim_wrapper.type = "AmpOptimWrapper"
        cfg.optim_wrapper.dtype = amp


def run_training(cfg: Config, resume_with: Sequence[str] = ()) -> None:
    """Trains as `cfg` says, alone in its work dir, and so that SIGTERM costs no step.

    Args:
        cfg: the config.
        resume_with: dotted paths of the config, at which it may differ from that of the checkpoint to go on from.

    Raises:
        UserError: if another run is training in the work dir; if there are such paths and nothing is resumed; and see
            `check_resumable`.
        Terminated: after SIGTERM, see `StopHook`.
    """
    if resume_with and not cfg.get("resume"):
        raise UserError(f"--resume-with {resume_with[0]} is for a run that is resumed; add --resume, or leave it out")
    start_process_group(cfg.get("launcher", "none"))
    if is_main_process():
        lock_work_dir(cfg.work_dir)
    runner = Runner.from_cfg(cfg)
    runner.resume_with = tuple(resume_with)
    with closing(TerminationNotice()) as notice:
        runner.register_hook(StopHook(notice))
        runner.train()
