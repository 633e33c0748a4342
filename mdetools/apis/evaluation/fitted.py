"""The baselines that are fitted to the truth, on a data set under the protocols of its metrics."""

from collections.abc import Sequence

from mmengine.evaluator import BaseMetric

from mdetools.apis.evaluation.cells import Cell
from mdetools.apis.evaluation.evaluation_set import EvaluationSet
from mdetools.apis.evaluation.origin import Domain
from mdetools.evaluation import DepthMetric, Rows
from mdetools.evaluation.fitted_baselines import score_baseline
from mdetools.progress import track
from mdetools.registry import DATASETS

__all__ = ["baseline_cells"]


def baseline_cells(where: EvaluationSet, metrics: Sequence[BaseMetric], names: Sequence[str]) -> list[Cell]:
    """What each baseline scores under each protocol; the data set is gone through once, on the CPU.

    Args:
        where: the data set.
        metrics: those of the models; only a `DepthMetric` has a truth of depth to fit to.
        names: keys of `FITTED_BASELINES`.
    """
    scored = [metric for metric in metrics if isinstance(metric, DepthMetric)]
    if not scored or not names:
        return []
    dataset = DATASETS.build(where.dataset(None))
    ids: list[str] = []
    tables: dict[tuple[str, int], list] = {(name, place): [] for name in names for place in range(len(scored))}
    for index in track(range(len(dataset)), len(dataset), f"baselines on {where.label}"):
        sample = dataset[index]
        ids.append(sample["meta"]["id"])
        for (name, place), table in tables.items():
            metric = scored[place]
            table.append(score_baseline(name, sample, metric.protocol, metric.measures).tolist())
    return [cell_of(name, where.label, scored[place], ids, table) for (name, place), table in tables.items()]


def cell_of(name: str, label: str, metric: DepthMetric, ids: Sequence[str], table: Sequence) -> Cell:
    """A baseline's cell from its rows."""
    rows = Rows.of_table(ids, list(metric.columns), table)
    return Cell(
        model=f"best {name}",
        dataset=label,
        domain=Domain("fitted"),
        predicts="metric",
        metric=type(metric).__name__,
        protocol=metric.protocol,
        directions=metric.higher_is_better,
        means=rows.mean() if len(rows.empty) < len(ids) else {},
        rows=rows,
        fitted=True,
    )
