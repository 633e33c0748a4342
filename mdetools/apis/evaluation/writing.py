"""An evaluation as files: JSON with all of it, CSV with a row per image, Markdown with the tables."""

import csv
import io
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from mdetools import __version__
from mdetools.apis.evaluation.cells import Cell
from mdetools.apis.evaluation.comparing import Comparison
from mdetools.apis.evaluation.evaluating import Evaluation
from mdetools.apis.evaluation.tables import markdown
from mdetools.evaluation.rows import finite
from mdetools.files import write_text

__all__ = ["FILES", "content_of", "write_evaluation"]

FILES = ("results.json", "results.csv", "results.md")
NAMES = ("model", "dataset", "protocol")


def write_evaluation(folder: Path, evaluation: Evaluation) -> None:
    """Writes `FILES`, each whole or not at all.

    Args:
        folder: is made.
        evaluation: what has been evaluated so far.

    Raises:
        UserError: if one cannot be written.
    """
    content = json.dumps(content_of(evaluation), indent=1, allow_nan=False) + "\n"
    texts = (content, csv_text(evaluation.cells), markdown(evaluation))
    for name, text in zip(FILES, texts, strict=True):
        write_text(folder / name, text)


def content_of(evaluation: Evaluation) -> dict:
    """All of it as plain data for JSON."""
    options = evaluation.options
    return {
        "versions": {
            "mdetools": __version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "options": {
            "flip": options.flip,
            "amp": options.amp,
            "batch_size": options.batch_size,
            "device": options.device or ("cuda" if torch.cuda.is_available() else "cpu"),
        },
        "models": [model_of(evaluation, candidate) for candidate in evaluation.candidates],
        "datasets": [
            {
                "label": one.label,
                "config": one.config,
                "sources": [source._asdict() for source in one.sources],
                "ground_truth": one.ground_truth,
                "num_images": one.count,
                "of": one.length,
            }
            for one in evaluation.sets
        ],
        "cells": [cell_content(cell) for cell in evaluation.cells],
        "differences": [difference_content(one) for one in evaluation.comparisons],
        "seconds": [
            {"model": model, "dataset": dataset, **{name: round(value, 3) for name, value in seconds.items()}}
            for (model, dataset), seconds in evaluation.seconds.items()
        ],
    }


def model_of(evaluation: Evaluation, candidate) -> dict:
    """The facts of a model; what its checkpoint says is `null` until it is loaded, or if it says nothing."""
    facts = evaluation.facts.get(candidate.label)
    trained = None if facts is None or facts.trained is None else [source._asdict() for source in facts.trained]
    digests = {} if facts is None else facts.digests
    return {**candidate._asdict(), "sha256": digests, "trained_on": trained}


def cell_content(cell: Cell) -> dict:
    """A cell: its protocol, its means and their intervals, and a row per image."""
    protocol = None
    if cell.protocol is not None:
        protocol = {**asdict(cell.protocol), "description": cell.protocol.describe()}
    content = {
        "model": cell.model,
        "dataset": cell.dataset,
        "domain": cell.domain.name,
        "domain_reason": cell.domain.reason or None,
        "predicts": cell.predicts,
        "metric": cell.metric,
        "protocol": protocol,
        "fitted_to_truth": cell.fitted,
        "not_applicable": cell.reason or None,
    }
    if cell.scored or cell.rows is not None:
        content["mean"] = {name: finite(value) for name, value in cell.means.items()}
    if cell.rows is None:
        return content
    return {
        **content,
        "num_rows": len(cell.rows.ids),
        "num_skipped": len(cell.rows.empty),
        "interval_95": {name: [*map(finite, pair)] for name, pair in cell.intervals.items()},
        "per_image": cell.rows.records(),
    }


def difference_content(one: Comparison) -> dict:
    """A paired difference."""
    return {
        "dataset": one.first.dataset,
        "protocol": one.first.under,
        "first": one.first.model,
        "second": one.second.model,
        "measure": one.column,
        "mean": finite(one.difference.mean),
        "interval_95": [finite(one.difference.low), finite(one.difference.high)],
        "num_rows": one.difference.count,
        "excludes_zero": one.difference.excludes_zero,
        "better": one.better or None,
    }


def csv_text(cells: Sequence[Cell]) -> str:
    """A row per image, model, data set and protocol, with the columns of all measures; empty where one is undefined."""
    scored = [cell for cell in cells if cell.rows is not None]
    records = [
        {**dict(zip(NAMES, (cell.model, cell.dataset, cell.under), strict=True)), **record}
        for cell in scored
        for record in cell.rows.records()
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys([*NAMES, *(key for record in records for key in record)])))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()
