"""From a checked config to a finished run: what tools/train.py and tools/test.py do."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from torch.utils.data import Dataset

from mdetools.contract import Sample
from mdetools.engine.configs.evaluators import depth_metrics_of, depth_scores, require_depth_metrics, set_out_file
from mdetools.engine.process.preflight import check_output_file, check_output_folder
from mdetools.engine.runner import Runner
from mdetools.errors import UserError
from mdetools.evaluation import constant_metrics, format_table, get_protocol, median_depth
from mdetools.progress import track
from mdetools.registry import DATASETS

__all__ = [
    "apply_test_options",
    "apply_train_options",
    "compare_with_baseline",
    "run_baseline",
    "run_testing",
    "run_training",
]


def _choose_work_dir(cfg: Config, work_dir: str | None) -> None:
    cfg.work_dir = work_dir or cfg.get("work_dir") or f"work_dirs/{Path(cfg.filename).stem}"
    check_output_folder(cfg.work_dir, "work dir")


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


def run_training(cfg: Config) -> None:
    """Trains as `cfg` says."""
    Runner.from_cfg(cfg).train()


def apply_test_options(
    cfg: Config,
    checkpoint: str,
    work_dir: str | None = None,
    protocol: str | None = None,
    out: str | None = None,
    show_dir: str | None = None,
    launcher: str = "none",
    flip: str | None = None,
    baseline: bool = False,
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
        flip: how to average with the mirrored image; None leaves the config's, which is not at all.
        baseline: whether `compare_with_baseline` is to follow.

    Raises:
        UserError: if a place to write to is not one, or what is asked for takes a `DepthMetric` and there is none.
    """
    _choose_work_dir(cfg, work_dir)
    cfg.launcher = launcher
    cfg.load_from, cfg.resume = checkpoint, False
    asked = {"--protocol": protocol, "--out": out, "--baseline": baseline}
    metrics = require_depth_metrics(cfg.get("test_evaluator"), [option for option, value in asked.items() if value])
    if protocol is not None:
        for metric in metrics:
            metric["protocol"] = protocol
    for file in set_out_file(metrics, out or Path(cfg.work_dir) / "results.json"):
        check_output_file(file, "--out" if out else "results file")
    if flip is not None:
        cfg.model.flip_test = flip
    if show_dir is not None:
        check_output_folder(show_dir, "--show-dir")
        pictures = {"type": "SavePanelsHook", "folder": show_dir}
        cfg.default_hooks = {**(cfg.get("default_hooks") or {}), "save_panels": pictures}


def run_testing(cfg: Config) -> dict[str, float]:
    """Tests as `cfg` says; returns the means over the test set's images.

    The runner gets nothing of the training, and so leaves the config in the work dir, which is the training's.
    """
    without = dict.fromkeys(("train_dataloader", "train_cfg", "optim_wrapper", "param_scheduler"))
    cfg = cfg.copy()
    cfg.update(without)
    return Runner.from_cfg(cfg).test()


def compare_with_baseline(cfg: Config, scores: dict[str, float]) -> str:
    """A table of a test's `scores` beside those of the constant predictor, see `run_baseline`."""
    constant, of_constant = run_baseline(cfg)
    of_model = depth_scores(depth_metrics_of(cfg.test_evaluator)[0], scores)
    rows = [{"predictor": "model", **of_model}, {"predictor": f"constant {constant:.2f} m", **of_constant}]
    ratio = of_model["abs_rel"] / of_constant["abs_rel"]
    return f"{format_table(rows)}\nabs_rel: {ratio:.2f} of the constant predictor's"


def run_baseline(cfg: Config) -> tuple[float, dict[str, float]]:
    """Scores the constant predictor: the median depth of the training set, for every pixel.

    Args:
        cfg: its training set gives the median, its test set and first `DepthMetric` the score. Where the training set
            gives no depth (stereo), the median is that of its frames which have the test set's kind of ground truth.

    Returns:
        the constant in metres, and its means over the test set's images.

    Raises:
        UserError: if no training frame has ground truth, or there is no `DepthMetric`.
    """
    init_default_scope(cfg.get("default_scope", "mdetools"))
    protocol = get_protocol(require_depth_metrics(cfg.test_evaluator, ["--baseline"])[0].get("protocol", "nyu"))
    train, test = _raw_dataset(cfg.train_dataloader.dataset), _raw_dataset(cfg.test_dataloader.dataset)
    frames = track(range(len(train)), len(train), "median of the training set")
    if "depth" in train[0]:
        constant = median_depth(train[i] for i in frames)
    else:
        source = getattr(test, "depth_source", None)
        constant = median_depth(_frames_with_depth(cfg.train_dataloader.dataset, source, frames))
    samples = track((test[i] for i in range(len(test))), len(test), "constant predictor")
    return constant, constant_metrics(samples, constant, protocol)


def _raw_dataset(cfg: dict) -> Dataset:
    """The data set without its transforms."""
    return DATASETS.build({**cfg, "pipeline": [{"type": "PackSample"}]})


def _frames_with_depth(cfg: dict, source: str | None, frames: Iterable[int]) -> Iterator[Sample]:
    """Those frames of a training set which have the test set's kind of ground truth, `source`."""
    if source is None:
        raise UserError(
            "the training set has no depth to take the constant predictor's median of, and the test set names no "
            "depth_source to read it from; test without --baseline"
        )
    dataset = _raw_dataset({**cfg, "depth_source": source})
    missing = []
    for index in frames:
        try:
            sample = dataset[index]
        except UserError as error:
            missing.append(str(error))
        else:
            yield sample
    if not missing:
        return
    found = f"of {len(dataset)} training frames, {len(missing)} have no readable ground truth '{source}'"
    if len(missing) == len(dataset):
        raise UserError(f"{found}, so that the constant predictor has no median; test without --baseline: {missing[0]}")
    print_log(f"{found} and are left out of the median, the first: {missing[0]}", "current", logging.WARNING)
