"""Multi-scale gradient matching of relative inverse depth."""

import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.models.losses.alignment import ALIGNMENTS, check_alignment, unit_range
from mdetools.models.losses.grouping import Groups
from mdetools.models.losses.inputs import relative_maps
from mdetools.models.losses.parts import check_part
from mdetools.models.losses.trimming import check_trim, without_largest
from mdetools.registry import LOSSES

__all__ = ["GradientMatchingLoss", "gradient_matching_loss"]


def gradient_matching_loss(
    prediction: Tensor,
    target: Tensor,
    valid_mask: Tensor,
    scales: int = 4,
    region: Tensor | None = None,
    alignment: str = "median",
    trim: float = 0.0,
    unit_target: bool = False,
) -> Tensor:
    """Sum over scales of the mean |dR/dx| + |dR/dy|, R the difference of the aligned prediction and target.

    Source: MiDaS (Ranftl et al., TPAMI 2022), eq. 11. Prediction and target are aligned once, at full size. Scale k
    keeps every 2^k-th row and column. Differences are between neighbours which are both valid and of one region; their
    sum is divided by the number of valid pixels of that scale. The mean is then over images.

    Args:
        prediction: (B, 1, H, W), inverse depth of unknown scale and shift, of any floating type.
        target: (B, 1, H, W), inverse depth of unknown scale and shift; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.
        scales: number of scales; strides 1, 2, 4, 8 for 4.
        region: (B, 1, H, W), int64: each region of an image is aligned on its own, and its loss counts by its share of
            the image's area. None takes images as a whole.
        alignment: "median", both normalised by `affine_normalize`, or "least_squares", the prediction brought to the
            target and the loss in the target's unit; see `ALIGNMENTS`.
        trim: share of the pixels of each scale of each image, or region, to leave out of the mean: those with the
            largest |dR/dx| + |dR/dy|, see `without_largest`. Whether Depth Anything V2 trims this term too, its authors
            have not said; MiDaS does not.
        unit_target: see `scale_shift_invariant_loss`; of no effect with "median".

    Returns:
        (), float32; 0 for an empty mask.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    groups = Groups(valid_mask, region)
    wanted = groups.rows(target)
    wanted = unit_range(wanted, groups.mask) if unit_target else wanted
    residual = ALIGNMENTS[alignment](groups.rows(prediction), wanted, groups.mask)
    per_group = residual.new_zeros(len(residual))
    for scale in range(scales):
        step = 2**scale
        per_group = per_group + mean_variation(residual[:, ::step, ::step], groups.mask[:, ::step, ::step], trim)
    return groups.mean(per_group)


def mean_variation(values: Tensor, mask: Tensor, trim: float) -> Tensor:
    """Mean over the valid pixels of |difference| to the right neighbour plus that to the lower one.

    A difference counts where both are valid.

    Args:
        values: (G, H, W).
        mask: bool (G, H, W).
        trim: share of the valid pixels of each row to leave out, the largest.

    Returns:
        (G,); 0 for an empty mask.
    """
    right = values.diff(dim=2).abs() * (mask[:, :, 1:] & mask[:, :, :-1])
    below = values.diff(dim=1).abs() * (mask[:, 1:] & mask[:, :-1])
    if trim == 0:  # the sum over pixels need not be a map first
        return (right.sum((1, 2)) + below.sum((1, 2))) / mask.sum((1, 2)).clamp(min=1)
    both = (F.pad(right, (0, 1)) + F.pad(below, (0, 0, 0, 1))).flatten(1)
    return masked_mean(both, without_largest(both, mask.flatten(1), trim))


@LOSSES.register_module()
class GradientMatchingLoss(nn.Module):
    """`gradient_matching_loss` of the predicted `inverse_depth`, or `disparity`, which is one too.

    The target is `inverse_depth` where the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        weight: factor of the returned value; Depth Anything V2 sets it to twice that of its other loss.
        scales: see `gradient_matching_loss`.
        alignment: likewise.
        trim: likewise.
        unit_target: likewise.
        per_region: align each region on its own where the targets have `region`, as they do after CutMix.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such alignment or part of a batch, or `trim` is no share.
    """

    def __init__(
        self,
        weight: float = 2.0,
        scales: int = 4,
        alignment: str = "median",
        trim: float = 0.0,
        unit_target: bool = False,
        per_region: bool = True,
        on: str | None = None,
    ) -> None:
        super().__init__()
        self.weight = weight
        self.per_region = per_region
        self.on = check_part(on)
        self.options = dict(
            scales=scales, alignment=check_alignment(alignment), trim=check_trim(trim), unit_target=unit_target
        )

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `inverse_depth` nor `disparity`, or the targets have neither
                `inverse_depth` nor `depth`, or no `valid_mask`.
        """
        prediction, target, mask, region = relative_maps(prediction, targets, self.on, self.per_region)
        return self.weight * gradient_matching_loss(prediction, target, mask, region=region, **self.options)
