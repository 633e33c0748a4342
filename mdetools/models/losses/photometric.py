"""Photometric reconstruction: the right image, warped by the predicted disparity, must look like the left one."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.errors import UserError
from mdetools.geometry import masked_mean, warp_horizontally
from mdetools.models.losses.dissimilarity import DISSIMILARITIES
from mdetools.models.losses.inputs import require_target
from mdetools.models.losses.stages import disparity_pyramid, over_stages, pairs_among
from mdetools.registry import LOSSES

__all__ = ["PhotometricLoss", "check_photometric_options", "reconstruction_error"]


def reconstruction_error(
    warped: Tensor,
    inside: Tensor,
    image: Tensor,
    dissimilarity: str,
    outside: str,
    counted: Tensor | None = None,
) -> Tensor:
    """Mean dissimilarity of an image and its reconstruction, over pixels and channels.

    Args:
        warped: (B, C, H, W), in [0, 1], black where the warp left its source.
        inside: bool (B, 1, H, W), where the warp stayed in its source.
        image: (B, C, H, W), in [0, 1].
        dissimilarity: a key of `DISSIMILARITIES`.
        outside: "mask" averages over the pixels of the whole batch whose value depends on pixels inside alone, "zero"
            over all pixels.
        counted: bool (B, 1, 1, 1), the images that count; None takes all.

    Returns:
        (), a graph-attached 0 if no pixel counts.
    """
    function, radius = DISSIMILARITIES[dissimilarity]
    error = function(warped, image)
    if outside == "zero":
        inside = torch.ones_like(inside)
    elif radius:
        inside = -F.max_pool2d(-inside.to(error.dtype), 2 * radius + 1, stride=1, padding=radius) > 0
    return masked_mean(error, inside if counted is None else inside & counted, dims=(0, 1, 2, 3))


def check_photometric_options(loss: str, dissimilarity: str, outside: str) -> None:
    """Raises a UserError that names what `dissimilarity` and `outside` can be."""
    for name, value, options in (
        ("dissimilarity", dissimilarity, [*DISSIMILARITIES]),
        ("outside", outside, ["mask", "zero"]),
    ):
        if value not in options:
            raise UserError(f"{loss} got {name}={value!r}; set it to one of {options}")


@LOSSES.register_module()
class PhotometricLoss(nn.Module):
    """Mean over stages of `reconstruction_error`, the right image warped by each stage's disparity.

    Both images are shrunk to each stage's size. Means, over pixels and channels: see docs/losses.md for what
    the sums of the papers become. Images without a right one (it is all black), or for a depth head without a camera,
    do not count.

    Args:
        dissimilarity: "l2" (Garg et al., ECCV 2016), "l1", or "ssim_l1" (Godard et al., CVPR 2017).
        outside: pixels whose match lies outside the right image are left out ("mask") or count as black ("zero").
        weight: factor of the returned value.
        stage_decay: weight of a stage relative to the next finer one: 1 is the plain mean, 0 the finest stage alone.
    """

    def __init__(
        self,
        dissimilarity: Literal["l2", "l1", "ssim_l1"] = "l2",
        outside: Literal["mask", "zero"] = "mask",
        weight: float = 1.0,
        stage_decay: float = 1.0,
    ) -> None:
        super().__init__()
        check_photometric_options(type(self).__name__, dissimilarity, outside)
        self.dissimilarity = dissimilarity
        self.outside = outside
        self.weight = weight
        self.stage_decay = stage_decay

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `disparity` nor `depth`, or the targets lack the right image (for a
                depth head the camera too).
        """
        images = require_target(targets, "image"), require_target(targets, "image_right")
        pyramid, known = disparity_pyramid(prediction, targets)
        options = self.dissimilarity, self.outside, pairs_among(targets, known)
        return self.weight * sum(
            weight * reconstruction_error(*warp_horizontally(right, disparity), left, *options)
            for weight, disparity, left, right in over_stages(pyramid, self.stage_decay, *images)
        )
