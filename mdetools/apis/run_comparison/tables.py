"""A comparison of runs as text, for a terminal and for Markdown."""

import math
from collections.abc import Sequence

from mdetools.apis.evaluation.tables import escaped, markdown_table
from mdetools.apis.run_comparison.comparison import RunComparison, Versus
from mdetools.evaluation import format_table

__all__ = ["comparison_text"]


def comparison_text(comparisons: Sequence[RunComparison], markdown: bool = False) -> str:
    """The tables of each measure, with what the numbers are below.

    Args:
        comparisons: one per measure.
        markdown: whether to write Markdown.
    """
    table = markdown_table if markdown else format_table
    blocks = ["# Comparison of runs"] if markdown else []
    for one in comparisons:
        blocks += [f"## {escaped(one.metric)}" if markdown else one.metric, table(mean_rows(one))]
        if one.versus:
            blocks.append(table([difference_row(one, other) for other in one.versus]))
    return "\n\n".join([*blocks, *notes(comparisons, markdown)]) + ("\n" if markdown else "")


def mean_rows(one: RunComparison) -> list[dict[str, str]]:
    """A row per variant: its runs' scores, their mean and its interval."""
    return [
        {
            "variant": name,
            "seeds": str(mean.count),
            "mean": f"{mean.mean:.4f}",
            "95 % interval": f"[{mean.low:.4f}, {mean.high:.4f}]",
            **{f"seed {seed}": f"{score:.4f}" for seed, score in one.scores[name].items()},
        }
        for name, mean in one.means.items()
    ]


def difference_row(one: RunComparison, other: Versus) -> dict[str, str]:
    """A row for a variant against the baseline."""
    seeds, images = other.by_seed, other.by_image
    row = {
        f"minus {one.baseline}": other.variant,
        "difference": f"{seeds.mean:+.4f}",
        "95 % over seeds": f"[{seeds.low:+.4f}, {seeds.high:+.4f}]",
        "p": "" if math.isnan(seeds.p_value) else f"{seeds.p_value:.2g}",
    }
    if any(versus.by_image is not None for versus in one.versus):
        known = images is not None and not math.isnan(images.low)
        row["95 % over images"] = f"[{images.low:+.4f}, {images.high:+.4f}]" if known else ""
    return {**row, "excludes 0": "yes" if seeds.excludes_zero else "no"}


def notes(comparisons: Sequence[RunComparison], markdown: bool) -> list[str]:
    """What the intervals are."""
    lines = [f"Scores are from {comparisons[0].source} of each run."]
    lines.append("Intervals over seeds: Student's t, of differences by pairs of one seed; p: the paired t-test.")
    if any(len(one.versus) > 1 for one in comparisons):
        lines.append("Several variants are compared with one baseline; p is not corrected for that.")
    if any(versus.by_image is not None for one in comparisons for versus in one.versus):
        lines.append("Interval over images: bootstrap of the images' means over seeds, for these runs alone.")
    return ["\n".join(f"- {line}" if markdown else line for line in lines)]
