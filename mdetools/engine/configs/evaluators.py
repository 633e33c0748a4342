"""The metrics of a config's evaluator, which the command line of a test speaks to."""

from itertools import chain, count
from pathlib import Path

from mdetools.engine.configs.components import find_component, takes, title_of
from mdetools.errors import UserError
from mdetools.evaluation import DepthMetric

__all__ = ["depth_metrics_of", "metrics_of", "metrics_taking", "set_out_files"]

Evaluator = dict | list | None


def metrics_of(evaluator: Evaluator) -> list[dict]:
    """The configs of the metrics in an evaluator: one metric, a list of them, or `dict(metrics=...)`.

    >>> metrics_of(dict(metrics=[dict(type="DepthMetric")]))
    [{'type': 'DepthMetric'}]
    """
    if isinstance(evaluator, dict):
        evaluator = evaluator.get("metrics", evaluator)
    return [evaluator] if isinstance(evaluator, dict) else list(evaluator or [])


def metrics_taking(evaluator: Evaluator, argument: str, option: str | None = None) -> list[dict]:
    """The configs of those metrics whose class takes an argument, such as `protocol`.

    Args:
        evaluator: the config's.
        argument: its name.
        option: the option of the command line that sets it, if one was given.

    Raises:
        UserError: if an option was given and no metric takes it.
    """
    found = [metric for metric in metrics_of(evaluator) if takes(find_component(metric["type"]), argument)]
    if option is not None and not found:
        raise UserError(
            f"{option}: no metric of test_evaluator takes a '{argument}', expected one that does; add "
            f"dict(type='DepthMetric') to test_evaluator, or leave {option} out"
        )
    return found


def set_out_files(metrics: list[dict], path: str | Path) -> list[str]:
    """Lets metrics write their results to `path`; of several, each adds its prefix to the file's name.

    A metric whose file another one writes already adds the name of its class, and then a number.

    Returns:
        the files.
    """
    path, files = Path(path), []
    for metric in metrics:
        prefix = (metric.get("prefix") or "").replace("/", "_") if len(metrics) > 1 else ""
        title = title_of(metric["type"]).rpartition(".")[2]
        endings = chain([prefix and f"_{prefix}", f"_{title}"], (f"_{title}_{number}" for number in count(2)))
        file = next(file for file in (str(path.with_stem(path.stem + end)) for end in endings) if file not in files)
        metric["out_file"] = file
        files.append(file)
    return files


def depth_metrics_of(evaluator: Evaluator) -> list[dict]:
    """The configs of the metrics of an evaluator that score depth by `depth_errors`."""
    return [metric for metric in metrics_of(evaluator) if _scores_depth(metric)]


def _scores_depth(metric: dict) -> bool:
    component = find_component(metric["type"])
    of_depth = isinstance(component, type) and issubclass(component, DepthMetric)
    return of_depth and "depth_errors" in metric.get("measures", ("depth_errors",))
