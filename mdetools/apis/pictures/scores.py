"""The scores of compared models, as a table."""

import math
from collections.abc import Mapping

from mdetools.evaluation import Protocol, format_table

__all__ = ["scores_text"]


def scores_text(scores: Mapping[str, Mapping[str, float]], used: Mapping[str, Protocol]) -> str:
    """A row for each image and one for the means over them, a column for each model, and what was computed.

    >>> mine = Protocol("mine", 0.1, 5.0)
    >>> print(scores_text({"a.png": {"one": 0.25, "two": 0.5}}, {"one": mine, "two": mine}))  # doctest: +ELLIPSIS
    abs_rel     one     two
    -----------------------
    a.png    0.2500  0.5000
    mean     0.2500  0.5000
    one, two: protocol mine: depth 0.1..5 m (strict), crop none, alignment none...

    Args:
        scores: of each image, by its name, the abs_rel of each model by its label.
        used: the protocol of each model.
    """
    labels = list(next(iter(scores.values())))
    rows = [{"abs_rel": name, **of_image} for name, of_image in scores.items()]
    rows.append({"abs_rel": "mean", **{label: mean_of([one[label] for one in scores.values()]) for label in labels}})
    labels_of: dict[str, list[str]] = {}
    for label in labels:
        labels_of.setdefault(used[label].describe(), []).append(label)
    return "\n".join([format_table(rows), *(f"{', '.join(named)}: {line}" for line, named in labels_of.items())])


def mean_of(values: list[float]) -> float:
    """The mean of those that are numbers; NaN if none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
