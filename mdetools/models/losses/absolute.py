"""Losses of the error as it is, without alignment: its absolute value, and the reverse Huber loss."""

import torch
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.errors import UserError
from mdetools.geometry import masked_mean
from mdetools.models.losses.inputs import depth_or_inverse
from mdetools.models.losses.parts import check_part
from mdetools.registry import LOSSES

__all__ = ["BerHuLoss", "L1Loss", "berhu_loss", "l1_loss"]

WHOLE_BATCH = (0, 1, 2, 3)


def absolute_error(prediction: Tensor, target: Tensor, valid_mask: Tensor) -> Tensor:
    """|prediction - target| of (B, 1, H, W), float32; 0 where the mask is False."""
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    return (prediction.float() - target.float()).where(valid_mask, 0).abs()


def l1_loss(prediction: Tensor, target: Tensor, valid_mask: Tensor) -> Tensor:
    """Mean absolute difference over the valid pixels of the whole batch.

    >>> target = torch.tensor([[[[1.0, 2.0, 0.0]]]])
    >>> l1_loss(target + 0.5, target, target > 0)
    tensor(0.5000)

    Args:
        prediction: (B, 1, H, W), any unit, of any floating type.
        target: (B, 1, H, W), the same unit; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.

    Returns:
        (), float32, that unit; 0 for an empty mask.
    """
    return masked_mean(absolute_error(prediction, target, valid_mask), valid_mask, WHOLE_BATCH)


def berhu_loss(prediction: Tensor, target: Tensor, valid_mask: Tensor, threshold: float = 0.2) -> Tensor:
    """The reverse Huber loss: |e| up to a limit c, (e^2 + c^2) / (2 c) beyond it, with e = prediction - target.

    Source: Laina et al., "Deeper Depth Prediction with Fully Convolutional Residual Networks" (3DV 2016), eq. 2. As
    there, c is a fifth of the largest |e| of the valid pixels of the batch; no gradient flows through it. The mean is
    over these pixels.

    >>> error = torch.tensor([[[[1.0, 5.0]]]])
    >>> berhu_loss(error, torch.zeros(1, 1, 1, 2), error > 0)  # (1 + (25 + 1) / 2) / 2
    tensor(7.)

    Args:
        prediction: (B, 1, H, W), any unit, of any floating type.
        target: (B, 1, H, W), the same unit; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.
        threshold: c as a share of the largest |e|.

    Returns:
        (), float32, that unit; 0 for an empty mask.
    """
    error = absolute_error(prediction, target, valid_mask)
    limit = threshold * error.detach().max()
    squared = (error.square() + limit.square()) / (2 * limit).where(limit > 0, 1)
    return masked_mean(torch.where(error <= limit, error, squared), valid_mask, WHOLE_BATCH)


@LOSSES.register_module()
class L1Loss(nn.Module):
    """`l1_loss` of what the head predicts, in its own unit.

    That is metric depth for a head of `depth` or `disparity`, compared with `depth`; and inverse depth for one of
    `inverse_depth`, compared with `inverse_depth` where the targets have it, else 1 / `depth`.

    Args:
        weight: factor of the returned value.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch.
    """

    def __init__(self, weight: float = 1.0, on: str | None = None) -> None:
        super().__init__()
        self.weight = weight
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts no depth of any kind, or the targets lack what it is compared with,
                `valid_mask` or, for a disparity, the camera.
        """
        return self.weight * l1_loss(*depth_or_inverse(prediction, targets, self.on))


@LOSSES.register_module()
class BerHuLoss(nn.Module):
    """`berhu_loss` of what the head predicts, in its own unit, as `L1Loss` takes it.

    Args:
        weight: factor of the returned value.
        threshold: see `berhu_loss`.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch, or the threshold is not above 0.
    """

    def __init__(self, weight: float = 1.0, threshold: float = 0.2, on: str | None = None) -> None:
        super().__init__()
        if threshold <= 0:
            raise UserError(f"BerHuLoss got threshold={threshold}; expected a share of the largest error, above 0")
        self.weight = weight
        self.threshold = threshold
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts no depth of any kind, or the targets lack what it is compared with,
                `valid_mask` or, for a disparity, the camera.
        """
        return self.weight * berhu_loss(*depth_or_inverse(prediction, targets, self.on), self.threshold)
