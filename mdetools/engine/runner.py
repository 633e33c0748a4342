"""MMEngine's Runner with checkpoints that are exact, safe to read and never half written."""

import copy
import os
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.optim import _ParamScheduler
from mmengine.runner import Runner as MMEngineRunner
from torch.utils.data import DataLoader

from mdetools import __version__
from mdetools.engine.checkpoints.choosing import candidates, newest_whole, read_named
from mdetools.engine.checkpoints.parts import named_entries
from mdetools.engine.checkpoints.resuming import check_ranks_agree, check_resumable, restore, trained_weights
from mdetools.engine.checkpoints.saving import save_run, save_weights
from mdetools.engine.configs.dataloaders import adapt_dataloader
from mdetools.engine.process.distributed import start_process_group
from mdetools.engine.process.loader_start import LoaderStart
from mdetools.engine.sharded_tensors import is_sharded
from mdetools.engine.wrappers.options import wrapper_options
from mdetools.registry import HOOKS, RUNNERS
from mdetools.weights.loading import load_matching, load_pretrained, read_weights, weights_for

__all__ = ["Runner"]

# What MMEngine registers where `default_hooks` says nothing else by the same name.
MMENGINE_HOOKS = {
    "runtime_info": {"type": "RuntimeInfoHook"},
    "timer": {"type": "IterTimerHook"},
    "sampler_seed": {"type": "DistSamplerSeedHook"},
    "logger": {"type": "LoggerHook"},
    "param_scheduler": {"type": "ParamSchedulerHook"},
    "checkpoint": {"type": "CheckpointHook"},
}


@RUNNERS.register_module(name=["Runner", "DepthRunner"])  # the second is its name in version 0.1
class Runner(MMEngineRunner):
    """The Runner of all of mdetools' tools.

    Beyond MMEngine's:

    - `save_checkpoint` and `resume` keep all that the next step needs, in plain data that `weights_only=True` reads
      (MMEngine 0.10.7 cannot read its own checkpoints back with torch >= 2.6).
    - `load_checkpoint` reads every format of docs/weights.md, and refuses weights that say they are of another model;
      the config key `weights_as_is=True` loads them all the same.
    - the config key `pretrained=dict(checkpoint=..., encoder_only=True, leave_out=[...])` says what the training
      starts from.
    - `param_scheduler` and `custom_hooks` may be dicts of named entries too, which config inheritance can merge.
    - distributed runs work on machines without a GPU.

    Attributes:
        named_schedulers: the built `param_scheduler`, by path in the config, such as `param_scheduler.lr`.
        named_hooks: the hooks, likewise, such as `default_hooks.checkpoint` and `custom_hooks.0`.
        resume_with: dotted paths of the config, at which a run that is resumed may differ from its checkpoint.
    """

    resume_with: Sequence[str] = ()

    @classmethod
    def from_cfg(cls, cfg) -> "Runner":
        """Builds the runner of a config; starts the process group first."""
        if (cfg.get("randomness") or {}).get("deterministic"):
            # Without it torch refuses every matrix product on a GPU; cuBLAS reads it at its start.
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        start_process_group(cfg.get("launcher", "none"))
        cfg = copy.deepcopy(cfg)
        for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
            adapt_dataloader(cfg.get(name) or {})
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
        """Wraps for distributed training, see `wrapper_options`."""
        if not is_model_wrapper(model):
            model_wrapper_cfg = wrapper_options(model_wrapper_cfg, model, self.cfg, self.distributed, self.logger)
        with warnings.catch_warnings():
            # MMEngine's wrapper uses it, and nobody else can fix that
            warnings.filterwarnings("ignore", "`broadcast_buffers` is deprecated", FutureWarning)
            return super().wrap_model(model_wrapper_cfg, model)

    @staticmethod
    def build_dataloader(dataloader: dict | DataLoader, seed: int | None = None, **options) -> DataLoader:
        """Builds a loader, whose workers end with this process."""
        loader = MMEngineRunner.build_dataloader(dataloader, seed, **options)
        loader.worker_init_fn = LoaderStart(loader.worker_init_fn)
        return loader

    def _check_scheduler_cfg(self, param_scheduler: dict | list | None) -> None:
        """Looks at the named schedulers alone; MMEngine takes names for those of optimisers, and no None."""
        super()._check_scheduler_cfg(list(named_entries("param_scheduler", param_scheduler).values()))

    def build_param_scheduler(self, scheduler: dict | list | None) -> list[_ParamScheduler]:
        """Builds the schedulers, which may be named, and remembers their names."""
        entries = named_entries("param_scheduler", scheduler)
        built = super().build_param_scheduler(list(entries.values()))
        self.named_schedulers = dict(zip(entries, built, strict=True))
        return built

    def register_hooks(self, default_hooks: dict | None = None, custom_hooks: list | dict | None = None) -> None:
        """Registers hooks and remembers their names; a None in the config leaves its hook out."""
        default_hooks = {**MMENGINE_HOOKS, **(default_hooks or {})}
        entries = named_entries("default_hooks", default_hooks) | named_entries("custom_hooks", custom_hooks)
        self.named_schedulers: dict[str, _ParamScheduler] = {}
        self.named_hooks: dict[str, Hook] = {}
        for path, hook in entries.items():
            priority = None
            if not isinstance(hook, Hook):
                priority = hook.get("priority")
                hook = HOOKS.build({key: value for key, value in hook.items() if key != "priority"})
            self.named_hooks[path] = hook
            self.register_hook(hook, priority)

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

    @property
    def resumes_named(self) -> str | Path | None:
        """The checkpoint to go on from that the user named; `resume="auto"` always means the work dir's newest.

        So `load_from` is left for a run that has to begin.
        """
        return self._load_from if self._resume and self._resume != "auto" else None

    @cached_property
    def resumes_from(self) -> str | Path | None:
        """The checkpoint that the run goes on from: the one named, or the work dir's newest; None if there is none."""
        return self.resumes_named or next(iter(self._resume_candidates), None)

    @property
    def _resume_candidates(self) -> list[Path]:
        return candidates(self.work_path, len(self.train_dataloader)) if self._resume else []

    def _init_model_weights(self) -> None:
        """Initialises the model, then loads what `pretrained` names; skipped weights are listed in the log."""
        if not is_sharded(self.bare_model):  # `FullyShardedModel` has done it before it shared the weights out
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
        encoder_only, leave_out = pretrained.get("encoder_only", True), pretrained.get("leave_out", ())
        as_is = self.cfg.get("weights_as_is", False)
        load_pretrained(self.bare_model, pretrained["checkpoint"], encoder_only, self.logger, as_is, leave_out)

    def load_checkpoint(self, filename: str | Path, map_location: str = "cpu") -> dict:
        """Loads the whole model's weights from a checkpoint of any known format, and returns the checkpoint.

        Args:
            filename: the checkpoint.
            map_location: device of the tensors read.

        Raises:
            UserError: if the file is unreadable, does not fit the model, or says that it was made for another.
        """
        as_is = self.cfg.get("weights_as_is", False)
        checkpoint = read_weights(self.bare_model, filename, self.logger, as_is=as_is, map_location=map_location)
        self._take_weights(checkpoint, filename)
        return checkpoint

    def _take_weights(self, checkpoint: dict, filename: str | Path) -> None:
        self.call_hook("after_load_checkpoint", checkpoint=checkpoint)
        load_matching(self.bare_model, checkpoint["state_dict"], str(filename))
        self._has_loaded = True
        self.logger.info(f"loaded {filename}")

    def save_checkpoint(self, path: Path, iteration: int) -> None:
        """Writes all that the next step needs: see `save_run`."""
        save_run(self, path, iteration)

    def save_weights(self, path: Path, iteration: int) -> None:
        """Writes the model's weights alone: see `mdetools.engine.checkpoints.save_weights`."""
        save_weights(self, path, iteration)

    def load_or_resume(self) -> None:
        """Resumes, or loads `load_from`, or neither."""
        if self._has_loaded:
            return
        if self.resumes_named:
            self.resume(self.resumes_named)
        elif self.resumes_from is not None:
            self.resumes_from, checkpoint = newest_whole(self._resume_candidates, self.logger)
            self._resume_at(self.resumes_from, checkpoint)
        else:
            if self._resume:
                self.logger.warning(f"{self.work_dir} has no checkpoint to resume from; training begins at the start")
            if self._load_from is not None:
                self.load_checkpoint(self._load_from)
        check_ranks_agree(self)

    def resume(self, filename: str | Path) -> None:
        """Continues a run exactly where `filename` was written; see `check_resumable` and `restore`."""
        self._resume_at(filename, read_named(filename, len(self.train_dataloader)))

    def _resume_at(self, filename: str | Path, checkpoint: dict) -> None:
        accepted = check_resumable(self, checkpoint, str(filename))
        checkpoint["state_dict"] = trained_weights(self, checkpoint)
        checkpoint["state_dict"] = weights_for(self.bare_model, checkpoint, str(filename), self.logger)
        self._take_weights(checkpoint, filename)
        restore(self, checkpoint, str(filename), accepted)

    def take_seed(self, seed: int) -> None:
        """Makes `seed` that of the run, for its steps and its samples."""
        self._seed = self.train_loop.batch_sampler.sampler.seed = seed
