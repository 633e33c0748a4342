"""Means over seeds, and differences to a baseline: by seed, and by image."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.apis.run_comparison.run import TEST_IT, Run
from mdetools.errors import UserError, one_line, suggest
from mdetools.evaluation import PairedDifference, SeedMean, paired_differences, paired_t_test, t_interval

__all__ = ["RunComparison", "Versus", "compare_runs"]

CLOSE = 1e-6  # relative; how near a mean over rows is to the score if it is one


@dataclass(frozen=True)
class Versus:
    """One variant against the baseline, in one measure.

    Attributes:
        variant: its name.
        by_seed: the mean of the differences of runs with the same seed.
        by_image: that of the images' means over seeds, with a bootstrap interval over images; None where the rows of
            the runs do not give it.
    """

    variant: str
    by_seed: SeedMean
    by_image: PairedDifference | None


@dataclass(frozen=True)
class RunComparison:
    """Variants compared in one measure.

    Attributes:
        metric: its name.
        baseline: the variant that the others are compared with.
        scores: of each variant, by seed.
        means: of each variant.
        versus: of each variant but the baseline.
        source: where the scores are from.
    """

    metric: str
    baseline: str
    scores: Mapping[str, Mapping[int, float]]
    means: Mapping[str, SeedMean]
    versus: Sequence[Versus]
    source: str


def compare_runs(
    variants: Mapping[str, Mapping[int, Run]], metrics: Sequence[str] = (), baseline: str | None = None
) -> list[RunComparison]:
    """Compares variants, each trained with the same seeds.

    Args:
        variants: runs by seed, see `group_runs`.
        metrics: the measures; none takes the first one that all have.
        baseline: name of a variant; None takes the first.

    Raises:
        UserError: if there is no such variant or measure, the seeds or the test images of two variants differ, there
            is one seed alone, or some runs were tested and others not.
    """
    baseline = next(iter(variants)) if baseline is None else baseline
    if baseline not in variants:
        raise UserError(f"--baseline: there is no variant '{one_line(baseline, 80)}'; {suggest(baseline, variants)}")
    check_seeds(variants)
    runs = [run for same in variants.values() for run in same.values()]
    check_sources(runs)
    metrics = metrics or common_metrics(runs)[:1]
    return [compare_metric(variants, metric, baseline) for metric in metrics]


def check_seeds(variants: Mapping[str, Mapping[int, Run]]) -> None:
    """Checks that all variants have the same seeds, two at least."""
    (first, expected), *others = [(name, [*same]) for name, same in variants.items()]
    for name, seeds in others:
        if seeds != expected:
            raise UserError(
                f"variant '{one_line(name, 80)}' has the seeds {listed(seeds)}, and '{one_line(first, 80)}' "
                f"{listed(expected)}, expected the same of each; train the missing ones, or leave the others out"
            )
    if len(expected) < 2:
        raise UserError(
            f"there is one run of variant '{one_line(first, 80)}', with seed {listed(expected)}, expected two seeds at "
            "least, three or more for a useful interval; train it with another seed"
        )


def listed(seeds: Sequence[int]) -> str:
    """Seeds for a sentence."""
    return ", ".join(map(str, seeds))


def check_sources(runs: Sequence[Run]) -> None:
    """Checks that all scores were made in the same way, on the same images."""
    first = runs[0]
    for run in runs[1:]:
        if run.source != first.source:
            raise UserError(
                f"the scores of {run.folder} are from {run.source}, those of {first.folder} from {first.source}, "
                f"expected the same; {TEST_IT}"
            )
        if ids_of(run) != ids_of(first):
            raise UserError(
                f"{run.folder} was tested on {len(run.rows)} images and {first.folder} on {len(first.rows)}, or on "
                f"others or in another order, expected the same; test both on one test set"
            )


def ids_of(run: Run) -> list:
    """What the rows of a run are of."""
    return [row.get("id") for row in run.rows]


def common_metrics(runs: Sequence[Run]) -> list[str]:
    """The measures that all runs have, in the order of the first."""
    shared = [name for name in runs[0].scores if all(name in run.scores for run in runs)]
    if not shared:
        raise UserError(f"{runs[0].folder} and the other runs have no measure in common; compare runs of one task")
    return shared


def compare_metric(variants: Mapping[str, Mapping[int, Run]], metric: str, baseline: str) -> RunComparison:
    """Compares variants in one measure."""
    scores = {name: {seed: score_of(run, metric) for seed, run in same.items()} for name, same in variants.items()}
    means = {name: t_interval([*by_seed.values()]) for name, by_seed in scores.items()}
    expected = [*scores[baseline].values()]
    versus = [
        Versus(
            name,
            paired_t_test([*by_seed.values()], expected),
            difference_by_image([*variants[name].values()], [*variants[baseline].values()], metric),
        )
        for name, by_seed in scores.items()
        if name != baseline
    ]
    first = next(iter(variants[baseline].values()))
    return RunComparison(metric, baseline, scores, means, versus, first.source)


def score_of(run: Run, metric: str) -> float:
    """A run's score."""
    if metric not in run.scores:
        hint = suggest(metric, run.scores)
        raise UserError(f"{run.folder}: {run.source} has no measure '{one_line(metric, 80)}'; {hint}")
    if not math.isfinite(run.scores[metric]):
        raise UserError(f"{run.folder}: its {metric} is {run.scores[metric]}, expected a number; look at that run")
    return run.scores[metric]


def difference_by_image(runs: Sequence[Run], others: Sequence[Run], metric: str) -> PairedDifference | None:
    """The paired bootstrap over images of means over seeds; None if a score is no mean of its rows."""
    columns = [column_of(run, metric) for run in (*runs, *others)]
    if any(column is None for column in columns):
        return None
    values = np.array(columns)
    present = np.isfinite(values).all(axis=0)
    first, second = values[: len(runs)].mean(axis=0), values[len(runs) :].mean(axis=0)
    _, images = np.unique([str(name) for name in ids_of(runs[0])], return_inverse=True)
    own = images if images.max() + 1 < len(images) else None
    return paired_differences(first[:, None], second[:, None], present[:, None], images=own)[0]


def column_of(run: Run, metric: str) -> np.ndarray | None:
    """A measure of each row (N,), NaN where it is undefined; None if the score is not the mean of these."""
    if not run.rows or any(metric not in row for row in run.rows):
        return None
    column = np.array([np.nan if row[metric] is None else row[metric] for row in run.rows], np.float64)
    known = column[np.isfinite(column)]
    same = len(known) > 0 and math.isclose(known.mean(), run.scores[metric], rel_tol=CLOSE, abs_tol=1e-9)
    return column if same else None
