"""What all losses share: reading the contract's keys."""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor

from mdetools.errors import UserError
from mdetools.geometry import depth_to_disparity, disparity_to_depth, resize_disparity

__all__ = [
    "disparity_pyramid",
    "inverse_depth_target",
    "metric_depth_of",
    "predicted",
    "relative_inverse_depth",
    "wanted",
]

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


def metric_depth_of(prediction: Mapping, targets: Mapping, loss: str) -> Tensor:
    """The depth that a head predicts, or that follows from its disparity, at the size of the target's `depth`.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`; for a disparity with `image`, whose width the focal length belongs to.
        loss: class name of the loss that asks.

    Returns:
        (B, 1, H, W), metres. A disparity is resized before it becomes depth.

    Raises:
        UserError: if the head gives neither, or the targets lack `depth` or, for a disparity, the camera.
    """
    if "disparity" in prediction:
        disparity = resize_disparity(prediction["disparity"].float(), wanted(targets, "depth", loss).shape[-2:])
        return disparity_to_depth(disparity, *focal_and_baseline(targets, disparity.shape[-1], loss))
    return resize_to(predicted(prediction, "depth", loss), wanted(targets, "depth", loss))


def relative_inverse_depth(prediction: Mapping, targets: Mapping, loss: str) -> tuple[Tensor, Tensor]:
    """Inverse depth of unknown scale, predicted and wanted, at the target's size; a disparity is one too.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`.
        loss: class name of the loss that asks.

    Returns:
        The prediction and `inverse_depth_target`, both (B, 1, H, W).

    Raises:
        UserError: if the head gives neither `inverse_depth` nor `disparity`, or the targets neither `inverse_depth`
            nor `depth`.
    """
    key = "disparity" if "disparity" in prediction else "inverse_depth"
    values = predicted(prediction, key, loss)
    target = inverse_depth_target(targets, loss)
    return resize_to(values, target), target


def disparity_pyramid(prediction: Mapping, targets: Mapping, loss: str) -> list[Tensor]:
    """The predicted disparities, fine to coarse: the head's `pyramid`, or its one map.

    Args:
        prediction: a `Prediction` with `disparity`, or with `depth`, which becomes disparity at each map's width.
        targets: a `Targets`; for a depth with `image`, `intrinsics` and `baseline`.
        loss: class name of the loss that asks.

    Returns:
        Maps (B, 1, h, w), float32, each in pixels of its own width.

    Raises:
        UserError: if the head gives neither, or the targets lack the camera that a depth needs.
    """
    key = "depth" if "depth" in prediction else "disparity"
    finest = predicted(prediction, key, loss)
    pyramid = [values.float() for values in prediction.get("pyramid", [finest])]
    if key == "disparity":
        return pyramid
    return [depth_to_disparity(depth, *focal_and_baseline(targets, depth.shape[-1], loss)) for depth in pyramid]


def focal_and_baseline(targets: Mapping, width: int, loss: str) -> tuple[Tensor, Tensor]:
    """Focal length (B,), in pixels of a map of the given width, and baseline (B,), metres, of a rectified pair."""
    ratio = width / wanted(targets, "image", loss).shape[-1]
    return wanted(targets, "intrinsics", loss)[:, 0, 0] * ratio, wanted(targets, "baseline", loss)


def resize_to(values: Tensor, target: Tensor) -> Tensor:
    """Values (B, 1, h, w) at the size of the target, bilinearly with aligned corners, as predictions are evaluated."""
    if values.shape[-2:] == target.shape[-2:]:
        return values
    return F.interpolate(values.float(), target.shape[-2:], mode="bilinear", align_corners=True)
