"""Cross-entropy of classes, of each pixel or of the whole image."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import FIELDS, Prediction, Targets, quantity_of
from mdetools.errors import UserError
from mdetools.models.losses.inputs import require_prediction, require_target
from mdetools.models.losses.parts import among, check_part
from mdetools.registry import LOSSES

__all__ = ["CrossEntropyLoss", "cross_entropy"]

OF_CLASSES = ("logits", "scores")


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    known: Tensor,
    class_weights: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Mean of -log softmax(logits)[target] over what is known, with the definitions of `torch.nn.CrossEntropyLoss`.

    With weights w of the classes the mean over labels is sum(w[target] loss) / sum(w[target]). With smoothing s the
    target is 1 - s + s / K for its class and s / K for the others (Szegedy et al., "Rethinking the Inception
    Architecture", CVPR 2016, section 7). A floating target holds a share per class, as mixup makes it; its mean is over
    the rows, whatever their weights.

    >>> logits = torch.tensor([[0.0, 0.0], [9.0, 0.0]])
    >>> cross_entropy(logits, torch.tensor([1, 1]), torch.tensor([True, False]))
    tensor(0.6931)

    Args:
        logits: (B, K, ...), of any floating type.
        target: (B, ...), int64, classes 0..K-1 where `known`; or (B, K, ...), floating, shares that sum to 1.
        known: (B, ...), bool, what counts. What the target holds elsewhere is not read.
        class_weights: (K,), or None: all 1.
        label_smoothing: s, 0 to 1.

    Returns:
        (), float32; 0, on the graph, where nothing is known.
    """
    soft = target.is_floating_point()
    target = target.float().where(known[:, None], 0) if soft else target.where(known, 0)
    values = F.cross_entropy(
        logits.float(), target, class_weights, reduction="none", label_smoothing=label_smoothing
    ).where(known, 0)
    if soft or class_weights is None:
        return values.sum() / known.sum().clamp_min(1)
    total = class_weights[target].where(known, 0).sum()
    return values.sum() / total.where(total > 0, 1)


@LOSSES.register_module()
class CrossEntropyLoss(nn.Module):
    """`cross_entropy` of a head of classes: `logits` against `semantic`, or `scores` against `label`.

    What holds the field's hole (255 in `semantic`, -1 in `label`) does not count. Logits of another size are resized to
    the target's. A `label` that a batch step has made floating, (B, K), is a share of each class; rows of zeros do not
    count. `valid_mask`, which is about depth, is not read.

    A label outside the classes is an error on the CPU. A GPU is not waited for: there the loss is NaN, so that training
    skips the step and names its samples, see `NonFiniteHook`. Data sets that know their classes check labels as they
    read them.

    >>> loss = CrossEntropyLoss(class_weights=[1.0, 3.0])
    >>> loss({"scores": torch.zeros(1, 2)}, {"label": torch.tensor([0])})
    tensor(0.6931)

    Args:
        weight: factor of the returned value.
        label_smoothing: see `cross_entropy`.
        class_weights: a weight per class, none below 0; None: all 1.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch, or a number is out of its range.
    """

    def __init__(
        self,
        weight: float = 1.0,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        on: str | None = None,
    ) -> None:
        super().__init__()
        if not 0 <= label_smoothing < 1:
            raise UserError(f"CrossEntropyLoss got label_smoothing={label_smoothing}; expected 0 or more, below 1")
        for number, one in enumerate(class_weights or ()):
            if not 0 <= one < math.inf:
                raise UserError(f"CrossEntropyLoss got class_weights[{number}]={one}; expected 0 or more, and finite")
        self.weight = weight
        self.label_smoothing = label_smoothing
        numbers = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float32)
        self.register_buffer("class_weights", numbers, persistent=False)  # an option, no part of a checkpoint
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts no classes, the targets lack theirs, a label is outside the classes, or the
                number of weights is another one.
        """
        quantity = quantity_of(prediction)
        values = require_prediction(prediction, quantity.name if quantity.name in OF_CLASSES else "logits").float()
        target = require_target(targets, quantity.truth)
        classes = values.shape[1]
        if self.class_weights is not None and len(self.class_weights) != classes:
            raise UserError(f"got {len(self.class_weights)} class_weights for {classes} classes; give one per class")
        if target.is_floating_point():
            known = self.known_shares(target, classes)
        else:
            target = target[:, 0] if target.ndim == 4 else target
            values = quantity.resize(values, tuple(target.shape[-2:]))
            known = target != FIELDS[quantity.truth].hole
            wrong = known & ((target < 0) | (target >= classes))
            if target.device.type == "cpu":
                check_labels(target, wrong, classes, quantity.truth)
            values, target = nan_if_any(wrong, values), target.where(~wrong, 0)
        known = among(known, targets, self.on)
        return self.weight * cross_entropy(values, target, known, self.class_weights, self.label_smoothing)

    def known_shares(self, target: Tensor, classes: int) -> Tensor:
        """Which rows of a floating target (B, K, ...) hold shares of the classes."""
        if target.shape[1] != classes:
            raise UserError(
                f"the target holds shares of {target.shape[1]} classes, and the head gives {classes}; set the same "
                "number in both"
            )
        return target.sum(1) > 0


def nan_if_any(wrong: Tensor, values: Tensor) -> Tensor:
    """The values, or NaN in their place if anything is wrong, bool of any shape; without waiting for the device."""
    return values.where(~wrong.any(), torch.nan)


def check_labels(target: Tensor, wrong: Tensor, classes: int, name: str) -> None:
    """Says which label of a field is none of the classes.

    Args:
        target: int64, on the CPU.
        wrong: bool, of its shape: which labels are outside 0..K-1.
        classes: K.
        name: of the field.

    Raises:
        UserError: if there is one.
    """
    if wrong.numpy().any():
        raise UserError(
            f"`{name}` holds the class {target.numpy()[wrong.numpy()][0]}, expected 0 to {classes - 1} for {classes} "
            f"classes, or {FIELDS[name].hole} where nothing is known; raise the head's number of classes, or map the "
            "labels"
        )
