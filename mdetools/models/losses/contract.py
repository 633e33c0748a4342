"""What all losses share: reading the contract's keys."""

from collections.abc import Mapping

from torch import Tensor

from mdetools.errors import UserError

__all__ = ["inverse_depth_target", "predicted", "wanted"]

ADVICE = {"depth": "SiLogLoss", "inverse_depth": "AffineInvariantLoss", "disparity": "a photometric loss"}


def predicted(prediction: Mapping, key: str, loss: str) -> Tensor:
    """Reads the quantity that a loss compares.

    Args:
        prediction: a `Prediction`.
        key: `depth`, `inverse_depth` or `disparity`.
        loss: class name of the loss that asks.

    Returns:
        (B, 1, H, W), as the head gave it.

    Raises:
        UserError: if the head gives another quantity; names a loss that fits it.
    """
    if key in prediction:
        return prediction[key]
    given = next((name for name in ADVICE if name in prediction), None)
    if given is None:
        raise UserError(
            f"{loss} needs a prediction with `{key}`; the head gave only {sorted(prediction)}: mend the head"
        )
    kind = "metric" if key == "depth" else "predicted"
    raise UserError(f"{loss} needs a {kind} `{key}`; the head gave {given}: use {ADVICE[given]}")


def wanted(targets: Mapping, key: str, loss: str) -> Tensor:
    """Reads the target that a loss compares with.

    Args:
        targets: a `Targets`.
        key: name of the target.
        loss: class name of the loss that asks.

    Returns:
        The target, as the dataset gave it.

    Raises:
        UserError: if the dataset does not give it.
    """
    if key not in targets:
        raise UserError(
            f"{loss} needs targets with `{key}`; the dataset gave {sorted(targets)}: use a dataset that has it"
        )
    return targets[key]


def inverse_depth_target(targets: Mapping, loss: str, eps: float = 1e-6) -> Tensor:
    """The inverse depth to learn: `inverse_depth` if the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        targets: a `Targets`.
        loss: class name of the loss that asks.
        eps: smallest depth that is inverted, metres.

    Returns:
        (B, 1, H, W), relative or 1/metres; meaningless where the mask is False.

    Raises:
        UserError: if the targets have neither.
    """
    if "inverse_depth" in targets:
        return targets["inverse_depth"]
    return wanted(targets, "depth", loss).float().clamp(min=eps).reciprocal()
