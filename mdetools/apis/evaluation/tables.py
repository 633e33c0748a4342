"""What an evaluation found, as tables for a terminal and for Markdown."""

import math
from collections.abc import Mapping, Sequence

from mdetools.apis.evaluation.cells import Cell
from mdetools.apis.evaluation.comparing import Comparison
from mdetools.apis.evaluation.evaluating import Evaluation
from mdetools.evaluation import DEPTH_ERRORS, PairedDifference, format_table

__all__ = ["markdown", "markdown_table", "notes", "overview", "pairs_table", "plain_text", "shown_columns"]

USUAL = ("abs_rel", "d1")
MOST = 8  # columns of measures in a table; files have all

Table = list[dict[str, str]]


def shown_columns(cell: Cell, wanted: Sequence[str] | None) -> list[str]:
    """The columns of a cell that a table shows: those wanted, or `abs_rel`, `d1` and what is no depth error.

    A cell that has none of those wanted, as of another kind of metric, shows its usual ones.
    """
    known = list(dict.fromkeys([*cell.directions, *cell.means]))
    chosen = [name for name in wanted or () if name in known]
    if chosen:
        return chosen
    usual = [name for name in USUAL if name in known]
    return [*usual, *(name for name in known if name not in DEPTH_ERRORS)][:MOST]


def overview(cells: Sequence[Cell], wanted: Sequence[str] | None = None) -> list[Table]:
    """A row per cell, one table for all of the same metric and measures.

    Args:
        cells: of an evaluation.
        wanted: the columns to show; None takes the usual ones.
    """
    tables: dict[tuple[str, ...], Table] = {}
    for cell in sorted(cells, key=lambda cell: order_of(cell, cells)):
        row = row_of(cell, shown_columns(cell, wanted), lowest_baseline(cell, cells))
        tables.setdefault((cell.metric, *cell.directions), []).append(row)
    for table in tables.values():
        keys = dict.fromkeys(key for row in table for key in row)
        table[:] = [{key: row.get(key, "") for key in keys} for row in table]
    return list(tables.values())


def order_of(cell: Cell, cells: Sequence[Cell]) -> tuple[int, int, bool]:
    """Data sets and protocols in the order in which the models met them, baselines after the models."""
    met = sorted(cells, key=lambda one: one.fitted)
    datasets = list(dict.fromkeys(one.dataset for one in met))
    places = list(dict.fromkeys(one.place for one in met))
    return datasets.index(cell.dataset), places.index(cell.place), cell.fitted


def row_of(cell: Cell, columns: Sequence[str], baseline: float | None) -> dict[str, str]:
    """A table's row, with the interval of each mean behind it."""
    row = {
        "model": cell.model,
        "data set": cell.dataset,
        "domain": cell.domain.name,
        "predicts": cell.predicts,
        "protocol": cell.under,
        "images": cell.count if cell.scored else "",
    }
    if not cell.scored:
        return {**row, **dict.fromkeys(columns, ""), **dict.fromkeys(columns[:1], why_empty(cell))}
    row |= {name: cell.shown(name) for name in columns}
    if baseline and "abs_rel" in columns:
        row["abs_rel of best baseline"] = f"{cell.means['abs_rel'] / baseline:.3f}"
    return row


def why_empty(cell: Cell) -> str:
    """What stands in a cell without means."""
    return "not applicable" if cell.rows is None else "nothing valid"


def lowest_baseline(cell: Cell, cells: Sequence[Cell]) -> float | None:
    """The lowest abs_rel of the baselines beside a cell; None without any."""
    beside = [one for one in cells if one.fitted and one.scored and one.place == cell.place]
    scores = [one.means["abs_rel"] for one in beside if "abs_rel" in one.directions]
    return min(scores, default=None)


def pairs_table(comparisons: Sequence[Comparison], wanted: Sequence[str] | None = None) -> Table:
    """A row per pair of models and column that a table shows."""
    places = list(dict.fromkeys(one.first.place for one in comparisons))
    ordered = sorted(comparisons, key=lambda one: places.index(one.first.place))
    return [
        {
            "data set": one.first.dataset,
            "protocol": one.first.under,
            "first": one.first.model,
            "second": one.second.model,
            "measure": one.column,
            "images": str(one.difference.count),
            "first - second": f"{one.difference.mean:+.4f}" if one.difference.count else "",
            "95 % interval": interval_text(one.difference),
            "better": one.better or ("" if one.difference.excludes_zero else "not told apart"),
        }
        for one in ordered
        if one.column in shown_columns(one.first, wanted)
    ]


def interval_text(difference: PairedDifference) -> str:
    """The interval of a difference; nothing where it is of one image, which has none."""
    return "" if math.isnan(difference.low) else f"[{difference.low:+.4f}, {difference.high:+.4f}]"


def notes(evaluation: Evaluation) -> list[str]:
    """What has to stand below the tables: training and test data, reasons, protocols."""
    lines = []
    for candidate in evaluation.candidates:
        facts = evaluation.facts.get(candidate.label)
        if facts is not None:
            trained = ", ".join(map(str, facts.trained)) if facts.trained else "data that the file does not name"
            lines.append(f"{candidate.label}: trained on {trained}")
    for one in evaluation.sets:
        part = f"{one.count} of {one.length}" if one.count < one.length else str(one.length)
        truth = f", ground truth {one.ground_truth}" if one.ground_truth else ""
        lines.append(f"{one.label}: {', '.join(map(str, one.sources))}, {part} images{truth}")
    reasons: dict[str, list[str]] = {}
    for cell in evaluation.cells:
        if cell.domain.reason and evaluation.facts[cell.model].trained:
            reasons.setdefault(f"{cell.domain.name}: {cell.domain.reason}", []).append(
                f"{cell.model} on {cell.dataset}"
            )
        if cell.reason:
            reasons.setdefault(f"{why_empty(cell)}: {cell.reason}", []).append(f"{cell.model} on {cell.dataset}")
    lines += [f"{', '.join(dict.fromkeys(names))}, {reason}" for reason, names in reasons.items()]
    lines += [cell.protocol.describe() for cell in evaluation.cells if cell.protocol is not None]
    return list(dict.fromkeys(lines))


def plain_text(evaluation: Evaluation) -> str:
    """All of it for a terminal."""
    wanted = evaluation.options.columns
    blocks = [format_table(table) for table in overview(evaluation.cells, wanted)]
    pairs = pairs_table(evaluation.comparisons, wanted)
    if pairs:
        blocks.append("Differences on the same images\n" + format_table(pairs))
    return "\n\n".join([*blocks, "\n".join(notes(evaluation))])


def markdown(evaluation: Evaluation) -> str:
    """All of it as a Markdown file."""
    wanted = evaluation.options.columns
    blocks = ["# Evaluation", *(markdown_table(table) for table in overview(evaluation.cells, wanted))]
    pairs = pairs_table(evaluation.comparisons, wanted)
    if pairs:
        blocks += ["## Differences on the same images", markdown_table(pairs)]
    told = "\n".join(f"- {escaped(line)}" for line in notes(evaluation))
    intervals = "In brackets the 95 % bootstrap interval over images, too narrow for the frames of one video."
    return "\n\n".join([*blocks, intervals, told]) + "\n"


def markdown_table(rows: Sequence[Mapping[str, str]]) -> str:
    r"""A table of Markdown with the keys of the first row.

    >>> print(markdown_table([{"model": "a|b", "d1": "0.5"}]))
    | model | d1 |
    |---|---|
    | a\|b | 0.5 |
    """
    names = list(rows[0])
    lines = [names, *([escaped(row[name]) for name in names] for row in rows)]
    text = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(names), *text[1:]])


def escaped(text: str) -> str:
    """Text that ends no cell."""
    return text.replace("|", "\\|")
