"""From a checked config to a finished run: what tools/train.py and tools/test.py do."""

from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from mdetools.engine.runner import DepthRunner
from mdetools.evaluation import constant_metrics, get_protocol, median_depth
from mdetools.progress import track
from mdetools.registry import DATASETS

__all__ = ["apply_test_options", "apply_train_options", "run_baseline", "run_testing", "run_training"]


def _choose_work_dir(cfg: Config, work_dir: str | None) -> None:
    cfg.work_dir = work_dir or cfg.get("work_dir") or f"work_dirs/{Path(cfg.filename).stem}"


def apply_train_options(
    cfg: Config,
    work_dir: str | None = None,
    resume: str | None = None,
    amp: str | None = None,
    launcher: str = "none",
) -> None:
    """Puts the command line of tools/train.py into `cfg`, in place.

    Args:
        cfg: the config.
        work_dir: folder of the run; None leaves the config's, or `work_dirs/<config name>`.
        resume: "auto" for the work dir's newest checkpoint, or a checkpoint.
        amp: "off", "fp16", "bf16", or None to leave the config's.
        launcher: who started the processes.
    """
    _choose_work_dir(cfg, work_dir)
    cfg.launcher = launcher
    if resume is not None:
        cfg.resume = True
        cfg.load_from = None if resume == "auto" else resume
    if amp == "off":
        cfg.optim_wrapper.type = "OptimWrapper"
        cfg.optim_wrapper.pop("dtype", None)
    elif amp is not None:
        cfg.optim_wrapper.type = "AmpOptimWrapper"
        cfg.optim_wrapper.dtype = amp


def run_training(cfg: Config) -> None:
    """Trains as `cfg` says."""
    DepthRunner.from_cfg(cfg).train()


def apply_test_options(
    cfg: Config,
    checkpoint: str,
    work_dir: str | None = None,
    protocol: str | None = None,
    out: str | None = None,
    show_dir: str | None = None,
    launcher: str = "none",
) -> None:
    """Puts the command line of tools/test.py into `cfg`, in place.

    Args:
        cfg: the config.
        checkpoint: weights of any known format.
        work_dir: folder of the log.
        protocol: name of the evaluation protocol; None leaves the config's.
        out: JSON file of the results.
        show_dir: folder of the pictures.
        launcher: who started the processes.
    """
    _choose_work_dir(cfg, work_dir)
    cfg.launcher = launcher
    cfg.load_from, cfg.resume = checkpoint, False
    if protocol is not None:
        cfg.test_evaluator.protocol = protocol
    cfg.test_evaluator.out_file = out or str(Path(cfg.work_dir) / "results.json")
    if show_dir is not None:
        cfg.default_hooks.save_panels = {"type": "SavePanelsHook", "folder": show_dir}


def run_testing(cfg: Config) -> dict[str, float]:
    """Tests as `cfg` says; returns the means over the test set's images."""
    return DepthRunner.from_cfg(cfg).test()


def run_baseline(cfg: Config) -> tuple[float, dict[str, float]]:
    """Scores the constant predictor: the median depth of the training set, for every pixel.

    Args:
        cfg: its training set gives the median, its test set and protocol the score.

    Returns:
        the constant in metres, and its means over the test set's images.
    """
    init_default_scope(cfg.get("default_scope", "mdetools"))
    pack = [{"type": "PackSample"}]
    train = DATASETS.build({**cfg.train_dataloader.dataset, "pipeline": pack})
    test = DATASETS.build({**cfg.test_dataloader.dataset, "pipeline": pack})
    constant = median_depth(track((train[i] for i in range(len(train))), len(train), "median of the training set"))
    samples = track((test[i] for i in range(len(test))), len(test), "constant predictor")
    return constant, constant_metrics(samples, constant, get_protocol(cfg.test_evaluator.protocol))
