"""Relative error of depth after an alignment in inverse depth: what relative models are judged by, as a loss."""

import torch
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import apply_scale_shift, least_squares_scale_shift, masked_mean
from mdetools.models.losses.grouping import Groups
from mdetools.models.losses.inputs import relative_maps
from mdetools.models.losses.parts import check_part
from mdetools.registry import LOSSES

__all__ = ["AlignedAbsRelLoss", "aligned_abs_rel_loss"]

LEAST_SHARE = 0.25  # of the true inverse depth: a smaller one, or one below zero, counts as that


def aligned_abs_rel_loss(
    prediction: Tensor,
    target: Tensor,
    valid_mask: Tensor,
    region: Tensor | None = None,
    max_depth: float | None = None,
) -> Tensor:
    """Mean of |depth - true depth| / true depth, with depth = 1 / (scale * prediction + shift).

    The measure is the abs_rel of Eigen et al. (NIPS 2014), the alignment that of the protocol for relative models
    (Ranftl et al., TPAMI 2022): the scale and shift with the least squares in inverse depth. With the aligned inverse
    depth a and the true one t the relative error is |a - t| / a. It knows no bound as a goes to 0, which is why a is at
    least a quarter of t in the denominator: no pixel counts more than 4 and far ones do not decide alone.

    A network that is not sure of a structure loses less by leaving it out: this loss teaches it that by the very
    measure that it is judged by.

    >>> inverse_depth = torch.tensor([[[[0.1, 0.2, 0.5]]]])
    >>> aligned_abs_rel_loss(3 * inverse_depth + 7, inverse_depth, inverse_depth > 0) < 1e-5
    tensor(True)

    Args:
        prediction: (B, 1, H, W), inverse depth of unknown scale and shift, of any floating type.
        target: (B, 1, H, W), inverse depth of unknown scale and *no* shift; read where `valid_mask` is True. What is at
            infinity (0) has no relative error and is left out.
        valid_mask: (B, 1, H, W), bool.
        region: (B, 1, H, W), int64: each region of an image is aligned on its own, and its mean counts by its share of
            the image's area. None takes images as a whole.
        max_depth: what is farther is left out, as in a protocol with this cap; in the unit of 1 / target.

    Returns:
        (), float32; 0 for an empty mask. A prediction that is inverted takes part as the best constant, which is what
        the protocol makes of it, and has no gradient: begin with another loss beside this one.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    farthest = 0.0 if max_depth is None else 1 / max_depth
    groups = Groups(valid_mask & (target > farthest), region)
    zero, mask = torch.zeros((), device=valid_mask.device), groups.mask
    values, wanted = (groups.rows(maps).float().where(mask, zero) for maps in (prediction, target))
    aligned = _aligned(values, wanted, mask)
    error = (aligned - wanted).abs() / torch.maximum(aligned, LEAST_SHARE * wanted).where(mask, 1)
    return groups.mean(masked_mean(error.flatten(1), mask.flatten(1)))


def _aligned(values: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """The rows (G, H, W) fitted to those wanted; where that takes a negative scale, the best constant."""
    scale, shift = least_squares_scale_shift(values, wanted, mask)
    upright = scale > 0
    return apply_scale_shift(values, scale.where(upright, 0), shift.where(upright, masked_mean(wanted, mask)))


@LOSSES.register_module()
class AlignedAbsRelLoss(nn.Module):
    """`aligned_abs_rel_loss` of the predicted `inverse_depth`, or `disparity`, which is one too.

    The target is `inverse_depth` where the targets have it, else 1 / `depth`. One of unknown shift, as another relative
    model gives it, has no relative error: use `AffineInvariantLoss` there.

    Args:
        weight: factor of the returned value.
        max_depth: see `aligned_abs_rel_loss`.
        per_region: align each region on its own where the targets have `region`, as they do after CutMix.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch.
    """

    def __init__(
        self, weight: float = 1.0, max_depth: float | None = None, per_region: bool = True, on: str | None = None
    ) -> None:
        super().__init__()
        self.weight = weight
        self.max_depth = max_depth
        self.per_region = per_region
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `inverse_depth` nor `disparity`, or the targets have neither
                `inverse_depth` nor `depth`, or no `valid_mask`.
        """
        maps = relative_maps(prediction, targets, self.on, self.per_region)
        return self.weight * aligned_abs_rel_loss(*maps, max_depth=self.max_depth)
