"""The battery of metrics."""

import numpy as np
from mmengine.evaluator import BaseMetric
from torch import Tensor

from mdetools.testing.targets import example_prediction, example_targets, results_of

__all__ = ["check_metric"]


def check_metric(metric: BaseMetric, quantity: str = "depth") -> None:
    """A metric appends exactly one row per image, whatever the batch, and sums the rows up to finite numbers.

    Args:
        metric: what the registry built.
        quantity: the key of the predictions that it scores.
    """
    name = type(metric).__name__
    batch = example_targets((480, 640))  # the size for which the NYU crops are defined
    predictions = results_of({quantity: example_prediction(quantity, batch)})
    single = {key: value[:1] for key, value in batch.items() if isinstance(value, Tensor)} | {"meta": {"id": ["third"]}}
    for rows, data, outputs in ((2, batch, predictions), (3, single, predictions[:1])):
        metric.process(data, outputs)
        assert len(metric.results) == rows, f"{name}: {len(metric.results)} rows after {rows} images"
    scores = metric.evaluate(size=rows)
    assert scores, f"{name} gives no score"
    for key, score in scores.items():
        assert np.isfinite(score), f"{name}: {key} is {score}"
