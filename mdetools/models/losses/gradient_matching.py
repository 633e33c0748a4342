"""Multi-scale gradient matching of relative inverse depth."""

from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.models.losses.affine_invariant import affine_normalize, mean_over_images
from mdetools.models.losses.inputs import relative_inverse_depth, require_target
from mdetools.registry import LOSSES

__all__ = ["GradientMatchingLoss", "gradient_matching_loss"]


def gradient_matching_loss(prediction: Tensor, target: Tensor, valid_mask: Tensor, scales: int = 4) -> Tensor:
    """Sum over scales of the mean |dR/dx| + |dR/dy|, R the difference of the normalised prediction and target.

    Source: MiDaS (Ranftl et al., TPAMI 2022), eq. 11. Prediction and target are normalised once, at full size, by
    `affine_normalize`. Scale k keeps every 2^k-th row and column. Differences are between neighbours which are both
    valid; their sum is divided by the number of valid pixels of that scale. The mean is then over images.

    Args:
        prediction: (B, 1, H, W), inverse depth of unknown scale and shift, of any floating type.
        target: (B, 1, H, W), inverse depth of unknown scale and shift; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.
        scales: number of scales.

    Returns:
        (), float32; 0 for an empty mask.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    mask = valid_mask.flatten(1)
    residual = affine_normalize(prediction.flatten(1), mask) - affine_normalize(target.flatten(1), mask)
    residual = residual.view_as(target)
    per_image = residual.new_zeros(len(residual))
    for scale in range(scales):
        step = 2**scale
        coarse, coarse_mask = residual[..., ::step, ::step], valid_mask[..., ::step, ::step]
        total = sum(masked_variation(coarse, coarse_mask, axis) for axis in (2, 3))
        per_image = per_image + total / coarse_mask.sum((1, 2, 3)).clamp(min=1)
    return mean_over_images(per_image, valid_mask)


def masked_variation(values: Tensor, mask: Tensor, axis: int) -> Tensor:
    """Sum of |difference| of neighbours along an axis of (B, 1, H, W) where both are valid; (B,)."""
    length = values.shape[axis] - 1
    both = mask.narrow(axis, 1, length) & mask.narrow(axis, 0, length)
    difference = values.narrow(axis, 1, length) - values.narrow(axis, 0, length)
    return (difference.abs() * both).sum((1, 2, 3))


@LOSSES.register_module()
class GradientMatchingLoss(nn.Module):
    """`gradient_matching_loss` of the predicted `inverse_depth`, or `disparity`, which is one too.

    The target is `inverse_depth` where the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        weight: factor of the returned value; Depth Anything V2 sets it to twice `AffineInvariantLoss`'s.
        scales: see `gradient_matching_loss`.
    """

    def __init__(self, weight: float = 2.0, scales: int = 4) -> None:
        super().__init__()
        self.weight = weight
        self.scales = scales

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `inverse_depth` nor `disparity`, or the targets have neither
                `inverse_depth` nor `depth`, or no `valid_mask`.
        """
        inverse_depth, target = relative_inverse_depth(prediction, targets)
        valid_mask = require_target(targets, "valid_mask")
        return self.weight * gradient_matching_loss(inverse_depth, target, valid_mask, self.scales)
