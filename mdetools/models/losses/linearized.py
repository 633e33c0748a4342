"""Photometric reconstruction with the warp replaced by its Taylor expansion, as Garg et al. trained."""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import resize_disparity, warp_horizontally
from mdetools.models.losses.inputs import require_target
from mdetools.models.losses.photometric import check_photometric_options, reconstruction_error
from mdetools.models.losses.stages import disparity_pyramid, over_stages, pairs_among
from mdetools.registry import LOSSES

__all__ = ["LinearizedPhotometricLoss", "linearized_warp"]


def linearized_warp(right: Tensor, disparity: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
    """First-order Taylor expansion of `warp_horizontally(right, disparity)` around another disparity.

    With left(x) = right(x - d), the derivative by d is the negative horizontal gradient g of the right image, so that
    the result is right(x - a) - (d - a) * g(x - a). It is linear in d, wherever d goes: its gradient looks as far as
    the image gradient is straight, not from one pixel to the next as that of bilinear sampling. g is the central
    difference (one-sided in the first and last column), sampled like the image.

    Source: Garg et al., ECCV 2016, eq. 4.

    Args:
        right: (B, C, H, W).
        disparity: d, (B, 1, H, W), pixels.
        around: a, (B, 1, H, W), pixels; no gradient flows into it.

    Returns:
        The image (B, C, H, W), and bool (B, 1, H, W), True where x - a lies in the image.
    """
    around = around.detach()  # the point of expansion is a constant: previous stages do not learn from it
    padded = F.pad(right, (1, 1, 0, 0), mode="replicate")
    gradient = padded[..., 2:] - padded[..., :-2]
    gradient[..., 1:-1] *= 0.5
    sampled, inside = warp_horizontally(torch.cat([right, gradient], 1), around)
    image, slope = sampled.chunk(2, 1)
    return torch.addcmul(image, disparity - around, slope, value=-1), inside


@LOSSES.register_module()
class LinearizedPhotometricLoss(nn.Module):
    """`PhotometricLoss` with `linearized_warp`, each stage expanded near the disparity of the stage before.

    The previous stage's disparity is resized to this stage's size and detached; the first stage starts from 0. Where
    the prediction has moved more than `max_step` pixels away from there, the expansion no longer holds and the image
    is warped again: the point of expansion follows the prediction at this distance.

    Args:
        max_step: pixels of the stage's own width; infinity is one expansion a stage, 0 expands at the prediction.
        dissimilarity: see `PhotometricLoss`; the paper has "l2".
        outside: see `PhotometricLoss`.
        weight: factor of the returned value.
        stage_decay: see `PhotometricLoss`.
    """

    def __init__(
        self,
        max_step: float = 1.0,
        dissimilarity: Literal["l2", "l1", "ssim_l1"] = "l2",
        outside: Literal["mask", "zero"] = "mask",
        weight: float = 1.0,
        stage_decay: float = 1.0,
    ) -> None:
        super().__init__()
        check_photometric_options(type(self).__name__, dissimilarity, outside)
        self.max_step = max_step
        self.dissimilarity = dissimilarity
        self.outside = outside
        self.weight = weight
        self.stage_decay = stage_decay

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: as `PhotometricLoss`.
        """
        images = require_target(targets, "image"), require_target(targets, "image_right")
        pyramid, known = disparity_pyramid(prediction, targets)
        stages = over_stages(pyramid, self.stage_decay, *images)
        coarser = [*pyramid[1:], torch.zeros_like(pyramid[-1])]
        options = self.dissimilarity, self.outside, pairs_among(targets, known)
        total = 0
        for (weight, disparity, left, right), previous in zip(stages, coarser, strict=False):
            warped = linearized_warp(right, disparity, self.expansion_point(disparity, previous))
            total = total + weight * reconstruction_error(*warped, left, *options)
        return self.weight * total

    def expansion_point(self, disparity: Tensor, previous: Tensor) -> Tensor:
        """The disparity (B, 1, H, W) that is nearest to the previous stage's within `max_step` of this stage's."""
        start = resize_disparity(previous, disparity.shape[-2:])
        if math.isinf(self.max_step):
            return start
        return torch.clamp(start, disparity - self.max_step, disparity + self.max_step)
