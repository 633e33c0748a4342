"""Priors on how a disparity map varies from pixel to pixel."""

from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.models.losses.inputs import require_target
from mdetools.models.losses.stages import disparity_pyramid, over_stages
from mdetools.registry import LOSSES

__all__ = ["EdgeAwareSmoothnessLoss", "SmoothnessLoss", "edge_aware_smoothness", "squared_smoothness"]


def squared_smoothness(disparity: Tensor, counted: Tensor | None = None) -> Tensor:
    """mean((dD/dx)^2) + mean((dD/dy)^2), by differences of neighbours (Garg et al., ECCV 2016, eq. 2).

    Args:
        disparity: (B, 1, H, W), pixels of its own width. Its differences are then slopes, pixels per pixel, and a
            surface has the same ones at any resolution.
        counted: bool (B, 1, 1, 1), the images that count; None takes all.

    Returns:
        (); an axis of one pixel counts 0.
    """
    return sum(_mean(disparity.diff(dim=axis).square(), counted) for axis in (2, 3))


def edge_aware_smoothness(disparity: Tensor, image: Tensor, counted: Tensor | None = None) -> Tensor:
    """mean(|dD/dx| exp(-|dI/dx|)) + mean(|dD/dy| exp(-|dI/dy|)) (Godard et al., CVPR 2017, eq. 3).

    Args:
        disparity: (B, 1, H, W), any unit.
        image: (B, C, H, W), in [0, 1]; |dI| is the mean over its channels.
        counted: bool (B, 1, 1, 1), the images that count; None takes all.

    Returns:
        (), in the unit of `disparity`; an axis of one pixel counts 0.
    """
    return sum(
        _mean(disparity.diff(dim=axis).abs() * image.diff(dim=axis).abs().mean(1, keepdim=True).neg().exp(), counted)
        for axis in (2, 3)
    )


def _mean(values: Tensor, counted: Tensor | None) -> Tensor:
    if counted is None:
        return values.sum() / max(values.numel(), 1)
    return masked_mean(values, counted.expand_as(values), dims=(0, 1, 2, 3))


@LOSSES.register_module()
class SmoothnessLoss(nn.Module):
    """Mean over stages of `squared_smoothness`.

    Args:
        weight: factor of the returned value. Garg et al. write 0.01 beside a squared norm over three channels; beside
            `PhotometricLoss`, a mean over channels, their energy has a weight of 0.01 here and of 3 there.
        stage_decay: see `PhotometricLoss`; give both the same.
    """

    def __init__(self, weight: float = 0.01, stage_decay: float = 1.0) -> None:
        super().__init__()
        self.weight = weight
        self.stage_decay = stage_decay

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `disparity` nor `depth`.
        """
        pyramid, known = disparity_pyramid(prediction, targets)
        stages = over_stages(pyramid, self.stage_decay)
        return self.weight * sum(weight * squared_smoothness(disparity, known) for weight, disparity in stages)


@LOSSES.register_module()
class EdgeAwareSmoothnessLoss(nn.Module):
    """Mean over stages of `edge_aware_smoothness`, disparities divided by the image's width.

    That is Godard et al.'s scale: they predict fractions of each stage's width and divide stage s by 2^s, which is the
    disparity in the stage's own pixels over the width of the finest stage, which is theirs of the image. Their 0.1 is
    hence this `weight`, also while a head that is trained stage by stage has not come to its finest.

    Args:
        weight: factor of the returned value.
        stage_decay: see `PhotometricLoss`; give both the same.
    """

    def __init__(self, weight: float = 0.1, stage_decay: float = 1.0) -> None:
        super().__init__()
        self.weight = weight
        self.stage_decay = stage_decay

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `disparity` nor `depth`.
        """
        image = require_target(targets, "image")
        pyramid, known = disparity_pyramid(prediction, targets)
        stages = over_stages(pyramid, self.stage_decay, image)
        total = sum(weight * edge_aware_smoothness(disparity, small, known) for weight, disparity, small in stages)
        return self.weight * total / image.shape[-1]
