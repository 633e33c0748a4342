"""Scale-and-shift-invariant loss of relative inverse depth."""

import torch
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.models.losses.inputs import relative_inverse_depth, require_target
from mdetools.registry import LOSSES

__all__ = ["AffineInvariantLoss", "affine_invariant_loss", "affine_normalize", "mean_over_images"]


def affine_normalize(values: Tensor, mask: Tensor, eps: float = 1e-6) -> Tensor:
    """Shifts each row to zero median and scales it to unit mean absolute deviation, over its True entries.

    Source: MiDaS (Ranftl et al., TPAMI 2022), eq. 5. The median is the lower one of an even count, as `torch.median`'s.
    A row stands for whatever shares one scale and shift: an image here.

    Args:
        values: (R, N), of any floating type.
        mask: (R, N), bool.
        eps: a row with a smaller mean absolute deviation is constant: it is shifted, not scaled.

    Returns:
        (R, N), float32; 0 where the mask is False. Gradients flow through median and deviation too.
    """
    values = values.float()
    # Per row nanmedian selects in linear time, which is several times cheaper than sorting.
    median = values.where(mask, values.new_full((), torch.nan)).nanmedian(dim=1, keepdim=True).values
    centred = (values - median).where(mask, values.new_zeros(()))
    deviation = masked_mean(centred.abs(), mask)[:, None]
    return centred / deviation.where(deviation > eps, torch.ones_like(deviation))


def mean_over_images(per_image: Tensor, mask: Tensor) -> Tensor:
    """Mean of one value per image over the images that have a valid pixel; a graph-attached 0 if none has.

    Args:
        per_image: (B,).
        mask: (B, 1, H, W), bool.

    Returns:
        ().
    """
    return masked_mean(per_image, mask.flatten(1).any(1), dims=(0,))


def affine_invariant_loss(prediction: Tensor, target: Tensor, valid_mask: Tensor) -> Tensor:
    """Mean absolute difference of prediction and target, each normalised per image by `affine_normalize`.

    Source: Depth Anything (Yang et al., CVPR 2024), eqs. 1 to 3. The mean is over the valid pixels of an image, then
    over the images that have any.

    >>> inverse_depth = torch.tensor([[[[0.1, 0.2, 0.5]]]])
    >>> affine_invariant_loss(3 * inverse_depth + 7, inverse_depth, inverse_depth > 0) < 1e-5
    tensor(True)

    Args:
        prediction: (B, 1, H, W), inverse depth of unknown scale and shift, of any floating type.
        target: (B, 1, H, W), inverse depth of unknown scale and shift; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.

    Returns:
        (), float32; 0 for an empty mask.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    mask = valid_mask.flatten(1)
    residual = affine_normalize(prediction.flatten(1), mask) - affine_normalize(target.flatten(1), mask)
    return mean_over_images(masked_mean(residual.abs(), mask), valid_mask)


@LOSSES.register_module()
class AffineInvariantLoss(nn.Module):
    """`affine_invariant_loss` of the predicted `inverse_depth`, or `disparity`, which is one too.

    The target is `inverse_depth` where the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        weight: factor of the returned value.
    """

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `inverse_depth` nor `disparity`, or the targets have neither
                `inverse_depth` nor `depth`, or no `valid_mask`.
        """
        inverse_depth, target = relative_inverse_depth(prediction, targets)
        return self.weight * affine_invariant_loss(inverse_depth, target, require_target(targets, "valid_mask"))
