"""MMEngine's Runner with checkpoints that are exact, safe to read and never half written."""

import warnings
from functools import cached_property
from pathlib import Path

import torch
from mmengine.dist import master_only
from mmengine.model import MMDistributedDataParallel, is_model_wrapper
from mmengine.runner import Runner as MMEngineRunner

from mdetools import __version__
from mdetools.engine.checkpoints.files import last_checkpoint, write_checkpoint
from mdetools.engine.checkpoints.resume_check import check_ranks_agree, check_resumable, run_facts
from mdetools.engine.process.distributed import start_process_group
from mdetools.errors import UserError
from mdetools.registry import RUNNERS
from mdetools.weights.files import read_checkpoint
from mdetools.weights.formats import to_mdetools
from mdetools.weights.loading import load_matching, load_pretrained

__all__ = ["Runner"]


@RUNNERS.register_module(name=["Runner", "DepthRunner"])  # the second is its name in version 0.1
class Runner(MMEngineRunner):
    """The Runner of all of mdetools' tools.

    Beyond MMEngine's:

    - `save_checkpoint` and `resume` keep all that the next step needs, in plain data that `weights_only=True` reads
      (MMEngine 0.10.7 cannot read its own checkpoints back with torch >= 2.6).
    - `load_checkpoint` reads every format of `checkpoint_formats`.
    - the config key `pretrained=dict(checkpoint=..., encoder_only=True)` says what the training starts from.
    - `param_scheduler` may be a dict of named schedulers, which config inheritance can merge.
    - distributed runs work on machines without a GPU.
    """

    @classmethod
    def from_cfg(cls, cfg) -> "Runner":
        """Builds the runner of a config; starts the process group first."""
        start_process_group(cfg.get("launcher", "none"))
        cfg = cfg.copy()
        schedulers = cfg.get("param_scheduler")
        if isinstance(schedulers, dict) and "type" not in schedulers:
            cfg.param_scheduler = [scheduler for scheduler in schedulers.values() if scheduler is not None]
        for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
            loader = cfg.get(name) or {}
            if not torch.cuda.is_available():
                loader.pop("pin_memory", None)  # torch warns of it where there is no GPU
            if loader.get("num_workers") == 0:
                loader.pop("persistent_workers", None)  # torch refuses it where there are no workers
        return super().from_cfg(cfg)

    @property
    def bare_model(self) -> torch.nn.Module:
        """The model without its distributed wrapper."""
        return self.model.module if is_model_wrapper(self.model) else self.model

    @property
    def work_path(self) -> Path:
        """Folder of the run's checkpoints and logs."""
        return Path(self.work_dir)

    @cached_property
    def config_text(self) -> str:
        """The config as Python; its formatting takes as long as the writing of a small checkpoint."""
        return self.cfg.pretty_text

    def wrap_model(self, model_wrapper_cfg: dict | None, model: torch.nn.Module) -> torch.nn.Module:
        """Wraps for distributed training; on the CPU without device ids, which MMEngine always passes."""
        with warnings.catch_warnings():
            # MMEngine's wrapper uses it, and nobody else can mend that
            warnings.filterwarnings("ignore", "`broadcast_buffers` is deprecated", FutureWarning)
            if self.distributed and model_wrapper_cfg is None and not torch.cuda.is_available():
                return MMDistributedDataParallel(module=model, broadcast_buffers=False)
            return super().wrap_model(model_wrapper_cfg, model)

    def register_default_hooks(self, hooks: dict[str, dict | None] | None = None) -> None:
        """Registers the hooks that are not None; MMEngine takes None for its own six names alone."""
        own = ("runtime_info", "timer", "sampler_seed", "logger", "param_scheduler", "checkpoint")
        super().register_default_hooks(
            {name: hook for name, hook in (hooks or {}).items() if hook is not None or name in own}
        )

    def get_hooks_info(self) -> str:
        """The hooks in the order in which they act, in one line (MMEngine's table fills a screen)."""
        return ", ".join(type(hook).__name__ for hook in self._hooks)

    def _log_env(self, env_cfg: dict) -> None:
        """One line instead of MMEngine's screenful; the config lies in the work directory."""
        device = (
            torch.cuda.get_device_name() if torch.cuda.is_available() else f"cpu, {torch.get_num_threads()} threads"
        )
        self.logger.info(
            f"mdetools {__version__}, torch {torch.__version__}, {self.world_size} process(es) on {device}, "
            f"seed {self.seed}, work_dir {self.work_dir}"
        )

    def dump_config(self) -> None:
        """Writes the config into the work dir if it trains; a test leaves the one there, of the training, as it is."""
        if self.cfg.get("train_cfg") is not None:
            super().dump_config()

    @cached_property
    def resumes_from(self) -> str | Path | None:
        """The checkpoint that the run goes on from: the one named, or the work dir's newest; None if there is none.

        `resume="auto"` always means the work dir's, so that `load_from` is left for a run that has to begin.
        """
        if not self._resume:
            return None
        named = None if self._resume == "auto" else self._load_from
        return named or last_checkpoint(self.work_path)

    def _init_model_weights(self) -> None:
        """Initialises the model, then loads what `pretrained` names; skipped weights are listed in the log."""
        super()._init_model_weights()
        if self.resumes_from is not None:
            return
        pretrained = self.cfg.get("pretrained") or {}
        if not pretrained.get("checkpoint"):
            if self._load_from is None:
                self.logger.warning(
                    "no pretrained.checkpoint is given, so that training starts from what the model is built with"
                )
            return
        load_pretrained(self.bare_model, pretrained["checkpoint"], pretrained.get("encoder_only", True), self.logger)

    def load_checkpoint(self, filename: str | Path, map_location: str = "cpu") -> dict:
        """Loads the whole model's weights from a checkpoint of any known format, and returns the checkpoint.

        Raises:
            UserError: if the file is unreadable, or does not fit the model.
        """
        checkpoint = read_checkpoint(filename, map_location)
        checkpoint["state_dict"] = to_mdetools(checkpoint, str(filename))
        self.call_hook("after_load_checkpoint", checkpoint=checkpoint)
        load_matching(self.bare_model, checkpoint["state_dict"], str(filename))
        self._has_loaded = True
        self.logger.info(f"loaded {filename}")
        return checkpoint

    @master_only
    def save_checkpoint(self, path: Path, iteration: int, resumable: bool = True) -> None:
        """Writes the model to `path`, with all that the next step needs if it is to be `resumable`.

        All randomness follows from the seed and the iteration (see `EpochTrainLoop`), so these two stand for the state
        of every random generator.

        Args:
            path: the file; its folder is made if missing.
            iteration: number of finished iterations.
            resumable: whether to add optimiser, schedulers, EMA and hooks to the weights.
        """
        checkpoint = {
            "meta": {
                "mdetools_version": __version__,
                "cfg": self.config_text,
                "seed": self.seed,
                "iter": iteration,
                "epoch": iteration // len(self.train_loop.dataloader),
                **run_facts(self),
            },
            "state_dict": self.bare_model.state_dict(),
        }
        self.call_hook("before_save_checkpoint", checkpoint=checkpoint)
        if resumable:
            checkpoint["optimizer"] = self.optim_wrapper.state_dict()
            checkpoint["param_schedulers"] = [scheduler.state_dict() for scheduler in self.param_schedulers or []]
            checkpoint["hooks"] = {type(h).__name__: h.state_dict() for h in self._hooks if hasattr(h, "state_dict")}
        else:
            checkpoint.pop("ema_state_dict", None)  # EMAHook has put the averaged weights into `state_dict`
        write_checkpoint(checkpoint, path)

    def load_or_resume(self) -> None:
        """Resumes, or loads `load_from`, or neither."""
        if self._has_loaded:
            return
        if self.resumes_from is not None:
            self.resume(self.resumes_from)
        else:
            if self._resume:
                self.logger.warning(f"{self.work_dir} has no checkpoint to resume from; training begins anew")
            if self._load_from is not None:
                self.load_checkpoint(self._load_from)
        check_ranks_agree(self)

    def resume(self, filename: str | Path) -> None:
        """Continues a run exactly where `filename` was written.

        Raises:
            UserError: if it was written with other settings, see `check_resumable`.
        """
        checkpoint = self.load_checkpoint(filename)
        check_resumable(self, checkpoint, str(filename))
        meta, loop = checkpoint["meta"], self.train_loop
        if meta["seed"] != self.seed:
            self.logger.info(f"the seed is {meta['seed']} again, as when the run began, in place of {self.seed}")
            self._seed = loop.batch_sampler.sampler.seed = meta["seed"]
        loop.iter = meta["iter"]
        try:
            self.optim_wrapper.load_state_dict(checkpoint["optimizer"])
        except (KeyError, ValueError) as error:
            raise UserError(
                f"the optimiser's state in '{filename}' does not fit this run's ({error}); resume with the same "
                "optim_wrapper and frozen layers, or start anew from its weights with load_from"
            ) from error
        for scheduler, state in zip(self.param_schedulers or [], checkpoint["param_schedulers"], strict=True):
            scheduler.load_state_dict(state)
        for hook in self._hooks:
            if type(hook).__name__ in checkpoint["hooks"]:
                hook.load_state_dict(checkpoint["hooks"][type(hook).__name__])
        self.logger.info(f"resumed {filename} at epoch {loop.epoch}, iteration {loop.iter}")
