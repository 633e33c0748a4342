"""One forward pass over a data set, from which each metric takes its rows."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from mmengine.dist import all_gather_object, broadcast_object_list, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.evaluation import Rows
from mdetools.progress import track

__all__ = ["Pass", "run_pass"]


@dataclass
class Pass:
    """What came of a forward pass.

    Attributes:
        rows: of each metric, in their order; None where it has none.
        means: of each metric; empty where it has none.
        reasons: why a metric does not apply, or gives no mean; else empty.
        predicts: `metric`, `relative`, or the name of a quantity that is neither.
        seconds: `total`; and of it, on a CPU, those spent waiting for data (`loading`), on the model with its
            preprocessing (`forward`) and on the metrics (`scoring`). A GPU works while this process is elsewhere.
    """

    rows: list[Rows | None]
    means: list[dict[str, float]]
    reasons: list[str]
    predicts: str
    seconds: dict[str, float]


class Stopwatch:
    """Seconds by name, each measured since the one before."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = self.start = time.perf_counter()

    def lap(self, name: str) -> None:
        """Adds the time since the last lap to `name`."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.last
        self.last = now

    def result(self, parts: bool) -> dict[str, float]:
        """The total, and the parts if they mean something."""
        total = {"total": time.perf_counter() - self.start}
        return {**total, **self.seconds} if parts else total


@torch.no_grad()
def run_pass(
    model: nn.Module, loader: DataLoader, metrics: Sequence[BaseMetric], title: str, amp: str | None = None
) -> Pass:
    """Runs a model once over a data set, as a test does, and lets each metric score every batch.

    A metric that the first batch shows not to apply, such as one of metres for a relative model, is left out with its
    reason; the rest go on.

    Args:
        model: in eval mode, on its device.
        loader: of the data set.
        metrics: of the same predictions.
        title: of the progress.
        amp: "bf16" runs the model under autocast.
    """
    device = next(model.parameters()).device
    reasons, predicts, watch = [""] * len(metrics), "", Stopwatch()
    batches = track(loader, len(loader), title) if is_main_process() else loader
    for metric in metrics:
        metric.dataset_meta = getattr(loader.dataset, "metainfo", None)
    for index, batch in enumerate(batches):
        watch.lap("loading")
        with torch.autocast(device.type, torch.bfloat16, enabled=amp == "bf16"):
            predictions = model.test_step(batch)
        watch.lap("forward")
        if index == 0:
            predicts = kind_of(predictions[0])
            reasons = first_reasons(metrics, batch, predictions)
            if all(reasons):
                break
        else:
            for metric, reason in zip(metrics, reasons, strict=True):
                if not reason:
                    metric.process(data_batch=batch, data_samples=predictions)
        watch.lap("scoring")
    means: list[dict[str, float]] = [{} for _ in metrics]
    with quiet():
        for place, metric in enumerate(metrics):
            if not reasons[place]:
                means[place], reasons[place] = gathered(metric, len(loader.dataset))
    watch.lap("scoring")
    rows = [getattr(metric, "rows", None) for metric in metrics]
    return Pass(rows, means, reasons, predicts, watch.result(device.type == "cpu"))


def first_reasons(metrics: Sequence[BaseMetric], batch: Mapping, predictions: Sequence[Mapping]) -> list[str]:
    """Lets each metric score the first batch; why it does not apply on some process, or empty."""
    reasons = []
    for metric in metrics:
        try:
            metric.process(data_batch=batch, data_samples=predictions)
            reasons.append("")
        except UserError as error:
            reasons.append(str(error))
    return [next(filter(None, of_ranks), "") for of_ranks in zip(*all_gather_object(reasons), strict=True)]


def gathered(metric: BaseMetric, size: int) -> tuple[dict[str, float], str]:
    """The means over the rows of all processes, or why there are none."""
    try:
        return metric.evaluate(size) or {}, ""
    except UserError as error:
        broadcast_object_list([None])  # for which the other processes wait in `evaluate`
        return {}, str(error)


def kind_of(prediction: Mapping[str, Tensor]) -> str:
    """Whether a prediction is in metres or relative; the quantity's name where it is no depth."""
    if "depth" in prediction:
        return "metric"
    quantity = quantity_of(prediction)
    return "relative" if quantity.relative or quantity.is_inverse else quantity.name


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps to itself what metrics log, as the tables tell it."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
