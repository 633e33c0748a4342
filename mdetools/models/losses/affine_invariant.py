"""Scale-and-shift-invariant loss of relative inverse depth, by median and mean absolute deviation."""

from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.models.losses.alignment import normalized_residual
from mdetools.models.losses.grouping import Groups
from mdetools.models.losses.inputs import relative_maps
from mdetools.models.losses.parts import check_part
from mdetools.models.losses.trimming import check_trim, without_largest
from mdetools.registry import LOSSES

__all__ = ["AffineInvariantLoss", "affine_invariant_loss"]


def affine_invariant_loss(
    prediction: Tensor, target: Tensor, valid_mask: Tensor, region: Tensor | None = None, trim: float = 0.0
) -> Tensor:
    """Mean absolute difference of prediction and target, each normalised per image by `affine_normalize`.

    Source: Depth Anything (Yang et al., CVPR 2024), eqs. 1 to 3; by region eqs. 10 to 13. The mean is over the valid
    pixels of an image, then over the images that have any.

    >>> import torch
    >>> inverse_depth = torch.tensor([[[[0.1, 0.2, 0.5]]]])
    >>> affine_invariant_loss(3 * inverse_depth + 7, inverse_depth, inverse_depth > 0) < 1e-5
    tensor(True)

    Args:
        prediction: (B, 1, H, W), inverse depth of unknown scale and shift, of any floating type.
        target: (B, 1, H, W), inverse depth of unknown scale and shift; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.
        region: (B, 1, H, W), int64: each region of an image is normalised on its own, and its mean counts by its share
            of the image's area. None takes images as a whole.
        trim: share of the pixels of each image, or region, to leave out of the mean: those that differ most after the
            normalisation, see `without_largest`. Depth Anything V2 has 0.1. MiDaS's trimmed loss (eq. 7), which divides
            by twice the number of all valid pixels, is 0.4 times this mean with 0.2.

    Returns:
        (), float32; 0 for an empty mask.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    groups = Groups(valid_mask, region)
    residual = normalized_residual(groups.rows(prediction), groups.rows(target), groups.mask).abs().flatten(1)
    return groups.mean(masked_mean(residual, without_largest(residual, groups.mask.flatten(1), trim)))


@LOSSES.register_module()
class AffineInvariantLoss(nn.Module):
    """`affine_invariant_loss` of the predicted `inverse_depth`, or `disparity`, which is one too.

    The target is `inverse_depth` where the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        weight: factor of the returned value.
        trim: see `affine_invariant_loss`.
        per_region: normalise each region on its own where the targets have `region`, as they do after CutMix.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch, or `trim` is no share.
    """

    def __init__(self, weight: float = 1.0, trim: float = 0.0, per_region: bool = True, on: str | None = None) -> None:
        super().__init__()
        self.weight = weight
        self.trim = check_trim(trim)
        self.per_region = per_region
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `inverse_depth` nor `disparity`, or the targets have neither
                `inverse_depth` nor `depth`, or no `valid_mask`.
        """
        maps = relative_maps(prediction, targets, self.on, self.per_region)
        return self.weight * affine_invariant_loss(*maps, trim=self.trim)
