"""Which images of an evaluation are shown as hits and misses, and the pictures that its metrics leave."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from mmengine.evaluator import Evaluator

from mdetools.contract import FIELDS, quantity_of
from mdetools.engine.panels import channels_last
from mdetools.visualization import ShownClass, confusion_picture, hits_and_misses

__all__ = ["HitsAndMisses", "confusion_pictures"]


class HitsAndMisses:
    """Collects, of images with a class, some of each that a model has right, and those that it is surest of wrongly.

    Args:
        count: how many of each are kept.
    """

    def __init__(self, count: int = 12) -> None:
        self.count = count
        self.hits: list[tuple[np.ndarray, int, int, float]] = []
        self.misses: list[tuple[np.ndarray, int, int, float]] = []

    def add(self, batch: Mapping, outputs: Sequence[Mapping]) -> None:
        """Looks at a batch; of a model that does not predict classes of whole images nothing is kept."""
        quantity = quantity_of(outputs[0])
        field = FIELDS.get(quantity.truth)
        if quantity.picture is not None or quantity.truth not in batch or field.dtype.is_floating_point:
            return
        scores = torch.stack([output[quantity.name] for output in outputs]).float()
        probabilities, predicted = (values.tolist() for values in scores.softmax(1).max(1))
        share = math.ceil(self.count / scores.shape[1])  # of each class, as data sets have one class after another
        labels = batch[quantity.truth].tolist()
        for image, label, guess, probability in zip(batch["image"], labels, predicted, probabilities, strict=True):
            if label == field.hole:
                continue
            shown = sum(kept[1] == label for kept in self.hits)
            if guess != label:
                self.misses.append((channels_last(image).copy(), label, guess, probability))
            elif shown < share and len(self.hits) < self.count:
                self.hits.append((channels_last(image).copy(), label, guess, probability))
        self.misses = sorted(self.misses, key=lambda one: -one[-1])[: self.count]

    def page(self, names: Sequence[str] | None) -> np.ndarray | None:
        """The page of what was collected, which is forgotten; None if there is nothing.

        Args:
            names: of the classes; None calls them by their numbers.
        """
        parts = [
            [ShownClass(image, *(name_of(label, names) for label in labels), value) for image, *labels, value in part]
            for part in (self.hits, self.misses)
        ]
        self.hits, self.misses = [], []
        return hits_and_misses(*parts) if any(parts) else None


def name_of(label: int, names: Sequence[str] | None) -> str:
    """The name of a class, or its number where it has none."""
    return names[label] if names is not None and label < len(names) else str(label)


def confusion_pictures(evaluator: Evaluator) -> Iterator[tuple[str, np.ndarray]]:
    """The name and the picture of what is taken for what, of each metric that counts it."""
    for number, metric in enumerate(evaluator.metrics):
        confusion = getattr(metric, "confusion", None)
        if confusion is not None:
            yield (
                "confusion" if number == 0 else f"confusion_{number}",
                confusion_picture(confusion, metric.class_names),
            )
