"""Models times data sets times protocols: each model runs once over each data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.registry import init_default_scope

from mdetools.apis.evaluation.cells import Cell
from mdetools.apis.evaluation.comparing import Comparison, compare
from mdetools.apis.evaluation.evaluation_set import EvaluationSet
from mdetools.apis.evaluation.fitted import baseline_cells
from mdetools.apis.evaluation.loading import LoadedModel, ModelFacts, load_model, read_candidate
from mdetools.apis.evaluation.metrics import Wanted, metric_configs
from mdetools.apis.evaluation.naming import Candidate
from mdetools.apis.evaluation.origin import domain_of
from mdetools.apis.evaluation.running import Pass, run_pass
from mdetools.engine.configs.dataloaders import adapt_dataloader
from mdetools.engine.runner import Runner
from mdetools.errors import UserError, one_line, suggest
from mdetools.evaluation.fitted_baselines import check_baselines
from mdetools.registry import METRICS

__all__ = ["Evaluation", "Options", "evaluate"]


@dataclass(frozen=True)
class Options:
    """How models are evaluated.

    Attributes:
        protocols: as `check_protocols` gives them.
        measures: keys of `MEASURES`; None leaves each data set's own.
        baselines: keys of `FITTED_BASELINES`.
        flip: "mean" or "stereo"; None leaves each config's.
        amp: "bf16", or None for float32.
        device: where to run; None takes the GPU if there is one.
        batch_size: None leaves each data set's.
        workers: loader processes; None leaves each data set's.
        weights_as_is: load weights that say they were made for another model all the same.
        columns: of the tables; None takes the usual ones.
    """

    protocols: Sequence[Wanted]
    measures: Sequence[str] | None = None
    baselines: Sequence[str] = ()
    flip: str | None = None
    amp: str | None = None
    device: str | None = None
    batch_size: int | None = None
    workers: int | None = None
    weights_as_is: bool = False
    columns: Sequence[str] | None = None


@dataclass
class Evaluation:
    """What has been evaluated so far.

    Attributes:
        candidates: the models.
        sets: the data sets.
        options: how.
        cells: what was measured, in the order in which it was.
        comparisons: of the models.
        facts: of each model that was loaded, by label.
        seconds: of each forward pass, by the labels of model and data set.
    """

    candidates: Sequence[Candidate]
    sets: Sequence[EvaluationSet]
    options: Options
    cells: list[Cell] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    facts: dict[str, ModelFacts] = field(default_factory=dict)
    seconds: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)

    def add(self, cells: Sequence[Cell]) -> None:
        """Takes in what was measured, and compares it with what was before."""
        for cell in cells:
            self.comparisons += compare(cell, self.cells)
        self.cells += cells


def evaluate(
    candidates: Sequence[Candidate],
    sets: Sequence[EvaluationSet],
    options: Options,
    done: Callable[[Evaluation], None] = lambda evaluation: None,
) -> Evaluation:
    """Evaluates every model on every data set.

    Args:
        candidates: the models.
        sets: the data sets.
        options: how.
        done: called on the first process after the baselines of each data set and after each pair of a model and a
            data set, with all that is known by then.

    Raises:
        UserError: if a config, a checkpoint, a sample or a measure is not what was expected.
    """
    init_default_scope("mdetools")
    evaluation = Evaluation(candidates, sets, options)
    configs = [read_candidate(candidate, options.flip) for candidate in candidates]
    metrics = {one.label: metric_configs(one.metrics, one.label, options.protocols, options.measures) for one in sets}
    check_baselines(options.baselines)
    check_columns(options.columns, [METRICS.build(dict(one)) for every in metrics.values() for one in every])
    for one in sets:
        if options.baselines and is_main_process():
            built = [METRICS.build(dict(metric)) for metric in metrics[one.label]]
            evaluation.add(baseline_cells(one, built, options.baselines))
            done(evaluation)
    for candidate, cfg in zip(candidates, configs, strict=True):
        _evaluate_model(evaluation, candidate, cfg, metrics, done)
    return evaluation


def check_columns(wanted: Sequence[str] | None, metrics: Sequence[BaseMetric]) -> None:
    """Checks that a table has something to show.

    Raises:
        UserError: at the first column that no metric gives.
    """
    known = dict.fromkeys(name for metric in metrics for name in getattr(metric, "higher_is_better", {}))
    for name in wanted or ():
        if name not in known:
            raise UserError(f"--columns: nothing measures '{one_line(name, 100)}'; {suggest(name, known)}")


def _evaluate_model(
    evaluation: Evaluation, candidate: Candidate, cfg: Config, metrics: dict[str, list[dict]], done: Callable
) -> None:
    options = evaluation.options
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    loaded = load_model(candidate, cfg, device, options.weights_as_is)
    evaluation.facts[candidate.label] = loaded.facts
    for one in evaluation.sets:
        loader = one.dataloader(loaded.resize, options.batch_size, options.workers)
        adapt_dataloader(loader)
        built = [METRICS.build(dict(metric)) for metric in metrics[one.label]]
        title = f"{candidate.label} on {one.label}"
        outcome = run_pass(loaded.model, Runner.build_dataloader(loader, loaded.seed), built, title, options.amp)
        if is_main_process():
            evaluation.add(cells_of(candidate, one, loaded, built, outcome))
            evaluation.seconds[candidate.label, one.label] = outcome.seconds
            done(evaluation)


def cells_of(
    candidate: Candidate, where: EvaluationSet, loaded: LoadedModel, metrics: Sequence, outcome: Pass
) -> list[Cell]:
    """The cells of one forward pass."""
    domain = domain_of(loaded.facts.trained, where.sources)
    return [
        Cell(
            candidate.label,
            where.label,
            domain,
            outcome.predicts,
            type(metric).__name__,
            getattr(metric, "protocol", None),
            getattr(metric, "higher_is_better", {}),
            means,
            rows,
            reason,
        )
        for metric, means, rows, reason in zip(metrics, outcome.means, outcome.rows, outcome.reasons, strict=True)
    ]
