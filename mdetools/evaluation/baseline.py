"""The predictor that has learnt nothing but the usual depth: what any model has to beat."""

from collections.abc import Iterable

import numpy as np
import torch

from mdetools.contract import Sample
from mdetools.errors import UserError
from mdetools.evaluation.measures import columns_of
from mdetools.evaluation.protocols import Protocol
from mdetools.evaluation.rows import Rows
from mdetools.evaluation.scoring import evaluate_image

__all__ = ["constant_metrics", "constant_rows", "median_depth"]

BIN = 1e-3  # metres
FARTHEST = 1000.0  # metres; anything beyond counts as this


def median_depth(samples: Iterable[Sample]) -> float:
    """Median of all valid depths of a data set, in metres, to within 1 mm, in memory that does not grow with it.

    Args:
        samples: each with `depth` (1, H, W) in metres and `valid_mask` (1, H, W); a data set, a part of it, or a
            generator that shows its progress.

    Raises:
        UserError: if not one pixel is valid.
    """
    counts = np.zeros(round(FARTHEST / BIN) + 1, dtype=np.int64)
    for sample in samples:
        depth = sample["depth"][sample["valid_mask"]].numpy()
        here = np.bincount((np.minimum(depth, FARTHEST) / BIN).astype(np.int64))
        counts[: len(here)] += here
    total = counts.sum()
    if total == 0:
        raise UserError("no valid depth in the data set to take a median of; check it with tools/check_dataset.py")
    # Half a bin for the truncation above.
    return float((np.searchsorted(counts.cumsum(), total / 2) + 0.5) * BIN)


def constant_metrics(samples: Iterable[Sample], depth: float, protocol: Protocol) -> dict[str, float]:
    """What a model that answers `depth` (metres) everywhere scores: the means of `constant_rows`.

    Raises:
        UserError: if no image has a pixel that counts.
    """
    return constant_rows(samples, depth, protocol).mean()


def constant_rows(samples: Iterable[Sample], depth: float, protocol: Protocol) -> Rows:
    """What a model that answers `depth` (metres) everywhere scores on each image.

    Args:
        samples: each with `depth` (1, H, W) in metres and `valid_mask` (1, H, W).
        depth: metres.
        protocol: what counts, and how.
    """
    table = []
    for sample in samples:
        constant = {"depth": torch.full_like(sample["depth"], depth)}
        table.append(evaluate_image(constant, sample["depth"], sample["valid_mask"], protocol).numpy())
    ids = list(map(str, range(len(table))))
    return Rows.of_table(ids, list(columns_of(["depth_errors"])), table)
