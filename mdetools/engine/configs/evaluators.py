"""The `DepthMetric`s of a config's evaluator, which the command line of a test speaks to."""

from pathlib import Path

from mdetools.errors import UserError
from mdetools.evaluation import METRIC_NAMES, DepthMetric
from mdetools.registry import METRICS

__all__ = ["depth_metrics_of", "depth_scores", "require_depth_metrics", "set_out_file"]


def depth_metrics_of(evaluator: dict | list | None) -> list[dict]:
    """The configs of the `DepthMetric`s in an evaluator: one metric, a list of them, or `dict(metrics=...)`."""
    if isinstance(evaluator, dict):
        evaluator = evaluator.get("metrics", evaluator)
    entries = [evaluator] if isinstance(evaluator, dict) else evaluator or []
    return [entry for entry in entries if _is_depth_metric(METRICS.find(entry["type"]))]


def _is_depth_metric(component) -> bool:
    return isinstance(component, type) and issubclass(component, DepthMetric)


def require_depth_metrics(evaluator: dict | list | None, options: list[str]) -> list[dict]:
    """The `DepthMetric`s of an evaluator for those `options` of the command line which ask for them.

    Raises:
        UserError: if an option is given and there is none.
    """
    metrics = depth_metrics_of(evaluator)
    if options and not metrics:
        raise UserError(
            f"{', '.join(options)}: test_evaluator has no DepthMetric, expected one to take it; add "
            f"dict(type='DepthMetric') to test_evaluator, or leave {' and '.join(options)} out"
        )
    return metrics


def set_out_file(metrics: list[dict], path: str | Path) -> list[str]:
    """Lets every `DepthMetric` write its results to `path`; of several, each adds its prefix to the file's name.

    Returns:
        the files.
    """
    path = Path(path)
    for metric in metrics:
        prefix = metric.get("prefix") if len(metrics) > 1 else None
        metric["out_file"] = str(path.with_stem(f"{path.stem}_{prefix}") if prefix else path)
    return [metric["out_file"] for metric in metrics]


def depth_scores(metric: dict, scores: dict[str, float]) -> dict[str, float]:
    """Those of an evaluation's `scores` which come from one `DepthMetric`, without its prefix."""
    prefix = f"{metric['prefix']}/" if metric.get("prefix") else ""
    return {name: scores[prefix + name] for name in METRIC_NAMES}
