"""Classes: what was taken for what, and the shares that follow from it."""

import numpy as np
import torch
from torch import Tensor

__all__ = ["class_scores", "confusion_counts"]


def confusion_counts(labels: Tensor, truth: Tensor, known: Tensor, classes: int) -> Tensor:
    """How many things of each class were taken for each class, without waiting for the device.

    >>> confusion_counts(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), torch.tensor([True, True, False]), 2)
    tensor([1, 1, 0, 0, 0])

    Args:
        labels: what was predicted, int64 of any shape, 0..K-1.
        truth: int64, of the same shape.
        known: bool, of the same shape: what counts.
        classes: K.

    Returns:
        int64 (K * K + 1,): at true class * K + predicted class how many, and at last how many true classes that
        count are outside of 0..K-1.
    """
    outside = (truth < 0) | (truth >= classes)
    cell = torch.where(outside, classes * classes, truth * classes + labels)
    counts = torch.zeros(classes * classes + 1, dtype=torch.int64, device=truth.device)
    return counts.scatter_add_(0, cell.flatten(), known.flatten().long())


def class_scores(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """Intersection over union, and accuracy, of each class.

    >>> class_scores(np.array([[3, 1], [0, 4]]))["iou"]
    array([0.75, 0.8 ])

    Args:
        confusion: int (K, K), rows by true class, columns by predicted class.

    Returns:
        float64 (K,): `iou`, the number that both say over that which either says, NaN of a class that neither does;
        `accuracy`, the share of a true class that is predicted so, NaN of one that the truth lacks.
    """
    right, true, predicted = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    union = true + predicted - right
    return {"iou": share(right, union), "accuracy": share(right, true)}


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The part of the whole, NaN where the whole is 0."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
