"""From a checked config to scores: what tools/test.py does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config

from mdetools.engine.baseline import check_baseline
from mdetools.engine.configs.evaluators import metrics_taking, set_out_files
from mdetools.engine.configs.required_entries import require_entries
from mdetools.engine.process.preflight import check_output_file, check_output_folder
from mdetools.engine.runner import Runner
from mdetools.engine.training import choose_work_dir
from mdetools.evaluation import Rows, format_means

__all__ = ["apply_test_options", "run_testing"]


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
    weights_as_is: bool = False,
    measures: Sequence[str] | None = None,
) -> None:
    """Puts the command line of tools/test.py into `cfg`, in place.

    Args:
        cfg: the config.
        checkpoint: weights of any known format.
        work_dir: folder of the log.
        protocol: name of the evaluation protocol, for every metric that takes one; None leaves the config's.
        out: JSON file of the results, for every metric that takes an `out_file`; None is `results.json` in the work
            dir.
        show_dir: folder of the pictures.
        launcher: who started the processes.
        flip: how to average with the mirrored image; None leaves the config's, which is not at all.
        baseline: whether `compare_with_baseline` is to follow.
        weights_as_is: load the checkpoint even if it says that it was made for another model.
        measures: what is measured, see `mdetools.evaluation.get_measure`, by every metric that takes them; None leaves
            the config's.

    Raises:
        UserError: if the config has no model or no test, a place to write to is not one, or no metric takes what is
            asked for.
    """
    require_entries(cfg, "a test", "model", "test_dataloader", "test_cfg")
    choose_work_dir(cfg, work_dir)
    cfg.launcher = launcher
    if weights_as_is:
        cfg.weights_as_is = True
    cfg.load_from, cfg.resume = checkpoint, False
    evaluator = cfg.get("test_evaluator")
    for name, value in (("protocol", protocol), ("measures", measures)):
        for metric in metrics_taking(evaluator, name, option=f"--{name}") if value is not None else ():
            metric[name] = value
    writing = metrics_taking(evaluator, "out_file", option="--out" if out else None)
    for file in set_out_files(writing, out or Path(cfg.work_dir) / "results.json"):
        check_output_file(file, "--out" if out else "results file")
    if baseline:
        check_baseline(cfg)
    require_entries(cfg, "a test", "test_evaluator")
    if flip is not None:
        cfg.model.flip_test = flip
    if show_dir is not None:
        check_output_folder(show_dir, "--show-dir")
        pictures = {"type": "SavePanelsHook", "folder": show_dir}
        cfg.default_hooks = {**(cfg.get("default_hooks") or {}), "save_panels": pictures}


def run_testing(cfg: Config) -> dict[str, float]:
    """Tests as `cfg` says; returns the means over the test set's images, and logs their intervals.

    The runner gets nothing of the training, and so leaves the config in the work dir, which is the training's.
    """
    without = dict.fromkeys(("train_dataloader", "train_cfg", "optim_wrapper", "param_scheduler"))
    cfg = cfg.copy()
    cfg.update(without)
    runner = Runner.from_cfg(cfg)
    scores = runner.test()
    for metric in runner.test_evaluator.metrics:
        rows = getattr(metric, "rows", None)
        if isinstance(rows, Rows) and np.count_nonzero(rows.counts) > 1:
            title = "95 % bootstrap intervals over images, too narrow for the frames of one video"
            runner.logger.info(f"{title}\n{format_means(rows)}")
    return scores
