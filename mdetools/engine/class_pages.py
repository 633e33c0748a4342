"""Which images of an evaluation are shown as hits and misses, and the pictures that its metrics leave."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from mmengine.evaluator import Evaluator

from mdetools.contract import FIELDS, quantity_of
from mdetools.engine.panels import channels_last
from mdetools.visualization import ShownClass, confusion_picture, hits_and_misses

__all__ = ["HitsAndMisses", "confusion_pictures"]


class HitsAndMisses:
    """Collects, of images with a class, the first ones that a model has right, and those that it is surest of wrongly.

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
        for image, label, prediction in zip(batch["image"], batch[quantity.truth].tolist(), outputs, strict=True):
            probabilities = prediction[quantity.name].float().softmax(0).cpu()
            probability, predicted = (value.item() for value in probabilities.max(0))
            hit = predicted == label
            if label != field.hole and not (hit and len(self.hits) == self.count):
                kept = self.hits if hit else self.misses
                kept.append((channels_last(image).copy(), label, predicted, probability))
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
