"""The constant predictor of depth beside a model, on a config's own data."""

import logging
from collections.abc import Iterable, Iterator, Mapping

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from torch.utils.data import Dataset

from mdetools.contract import Sample
from mdetools.engine.configs.components import find_component, takes
from mdetools.engine.configs.evaluators import depth_metrics_of
from mdetools.engine.configs.nested_datasets import change_leaves
from mdetools.errors import UserError
from mdetools.evaluation import Rows, columns_of, constant_rows, format_table, median_depth
from mdetools.progress import track
from mdetools.registry import DATASETS, METRICS

__all__ = ["bare_config", "check_baseline", "compare_with_baseline", "run_baseline"]


def check_baseline(cfg: Config) -> dict:
    """Checks that there is something to compare a constant depth by; returns the config of that `DepthMetric`.

    Raises:
        UserError: if the test has no `DepthMetric`, or the config no training set.
    """
    metrics = depth_metrics_of(cfg.get("test_evaluator"))
    if not metrics:
        raise UserError(
            "--baseline: test_evaluator has no DepthMetric, expected one, as the constant predictor is one of depth; "
            "add dict(type='DepthMetric') to test_evaluator, or leave --baseline out"
        )
    if not cfg.get("train_dataloader"):
        raise UserError(
            "--baseline: the config has no train_dataloader, expected one for the constant predictor's median; add it, "
            "or leave --baseline out"
        )
    return metrics[0]


def compare_with_baseline(cfg: Config, scores: dict[str, float]) -> str:
    """A table of a test's `scores` beside those of the constant predictor, see `run_baseline`."""
    constant, constant_scores = _score_constant(cfg)
    of_constant, (low, high) = constant_scores.mean(), constant_scores.interval()["abs_rel"]
    prefix = check_baseline(cfg).get("prefix")
    columns = columns_of(["depth_errors"])
    of_model = {name: scores[f"{prefix}/{name}" if prefix else name] for name in columns}
    rows = [{"predictor": "model", **of_model}, {"predictor": f"constant {constant:.2f} m", **of_constant}]
    ratio = of_model["abs_rel"] / of_constant["abs_rel"]
    return (
        f"{format_table(rows)}\nabs_rel: {ratio:.2f} of the constant predictor's, whose 95 % bootstrap interval is "
        f"{low:.4f}..{high:.4f}"
    )


def run_baseline(cfg: Config) -> tuple[float, dict[str, float]]:
    """Scores the constant predictor: the median depth of the training set, for every pixel.

    Args:
        cfg: its training set gives the median, its test set and first `DepthMetric` the score. Where the training set
            gives no depth (stereo), the median is that of its frames which have the test set's kind of ground truth.

    Returns:
        the constant in metres, and its means over the test set's images.

    Raises:
        UserError: if no training frame has ground truth, or see `check_baseline`.
    """
    constant, rows = _score_constant(cfg)
    return constant, rows.mean()


def _score_constant(cfg: Config) -> tuple[float, Rows]:
    """The constant and what it scores on each image of the test set."""
    init_default_scope(cfg.get("default_scope", "mdetools"))
    protocol = METRICS.build(check_baseline(cfg)).protocol
    train, test = (DATASETS.build(bare_config(c.dataset)) for c in (cfg.train_dataloader, cfg.test_dataloader))
    frames = track(range(len(train)), len(train), "median of the training set")
    if "depth" in train[0]:
        constant = median_depth(train[i] for i in frames)
    else:
        constant = median_depth(_frames_with_depth(cfg.train_dataloader.dataset, _ground_truth_of(test), frames))
    samples = track((test[i] for i in range(len(test))), len(test), "constant predictor")
    return constant, constant_rows(samples, constant, protocol)


def bare_config(cfg: dict, **options) -> dict:
    """The config of a data set without its transforms; of data sets made of data sets, those inside lose theirs.

    Args:
        cfg: of one data set, with others in its `dataset` or `datasets` or not.
        options: further arguments for the innermost data sets, such as another `pipeline`.
    """

    def bare(leaf: Mapping) -> dict:
        packed = {"pipeline": [{"type": "PackSample"}]} if takes(find_component(leaf["type"]), "pipeline") else {}
        return {**leaf, **packed, **options}

    return change_leaves(cfg, bare)


def _ground_truth_of(dataset: Dataset) -> str:
    source = getattr(dataset, "metainfo", {}).get("ground_truth")
    if source is None:
        raise UserError(
            "the training set has no depth to take the constant predictor's median of, and the test set names no "
            "depth_source to read it from; test without --baseline"
        )
    return source


def _frames_with_depth(cfg: dict, source: str, frames: Iterable[int]) -> Iterator[Sample]:
    """Those frames of a training set which have the test set's kind of ground truth, `source`."""
    dataset = DATASETS.build(bare_config(cfg, depth_source=source))
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
