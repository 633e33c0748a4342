"""Scale-and-shift-invariant loss of relative inverse depth, by least squares."""

from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.models.losses.alignment import least_squares_residual, unit_range
from mdetools.models.losses.grouping import Groups
from mdetools.models.losses.inputs import relative_maps
from mdetools.models.losses.parts import check_part
from mdetools.models.losses.trimming import check_trim, without_largest
from mdetools.registry import LOSSES

__all__ = ["ScaleShiftInvariantLoss", "scale_shift_invariant_loss"]


def scale_shift_invariant_loss(
    prediction: Tensor,
    target: Tensor,
    valid_mask: Tensor,
    region: Tensor | None = None,
    trim: float = 0.0,
    unit_target: bool = False,
) -> Tensor:
    """1 / (2 M) times the summed squares of scale * prediction + shift - target, with the best scale and shift.

    Source: MiDaS (Ranftl et al., TPAMI 2022), eqs. 3 and 4, which Depth Anything V2 takes for its labelled loss. M is
    the number of the valid pixels of an image; the mean over the images that have any follows, as in the article.
    (The code that its authors published divides by the valid pixels of the batch instead.)

    >>> import torch
    >>> inverse_depth = torch.tensor([[[[0.1, 0.2, 0.5]]]])
    >>> scale_shift_invariant_loss(3 * inverse_depth + 7, inverse_depth, inverse_depth > 0) < 1e-10
    tensor(True)

    Args:
        prediction: (B, 1, H, W), inverse depth of unknown scale and shift, of any floating type.
        target: (B, 1, H, W), inverse depth of unknown scale and shift; read where `valid_mask` is True. The loss is in
            its unit, squared.
        valid_mask: (B, 1, H, W), bool.
        region: (B, 1, H, W), int64: each region of an image is aligned on its own, and its loss counts by its share of
            the image's area. None takes images as a whole.
        trim: share of the pixels of each image, or region, whose squares are left out: the largest after the
            alignment, which all valid pixels decide, see `without_largest`. M stays the number of all valid pixels, as
            in MiDaS's trimmed loss (eq. 7, trim 0.2), which has absolute differences after `affine_normalize` instead.
        unit_target: bring the valid pixels of each target, or region of it, to 0..1 first, as MiDaS and Depth Anything
            do. Without it sets of different units count differently.

    Returns:
        (), float32; 0 for an empty mask.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    groups = Groups(valid_mask, region)
    wanted = groups.rows(target)
    wanted = unit_range(wanted, groups.mask) if unit_target else wanted
    squares = least_squares_residual(groups.rows(prediction), wanted, groups.mask).square().flatten(1)
    mask = groups.mask.flatten(1)
    kept = squares * without_largest(squares, mask, trim)
    return groups.mean(kept.sum(1) / (2 * mask.sum(1)).clamp(min=1))


@LOSSES.register_module()
class ScaleShiftInvariantLoss(nn.Module):
    """`scale_shift_invariant_loss` of the predicted `inverse_depth`, or `disparity`, which is one too.

    The target is `inverse_depth` where the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        weight: factor of the returned value.
        trim: see `scale_shift_invariant_loss`.
        unit_target: likewise.
        per_region: align each region on its own where the targets have `region`, as they do after CutMix.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch, or `trim` is no share.
    """

    def __init__(
        self,
        weight: float = 1.0,
        trim: float = 0.0,
        unit_target: bool = False,
        per_region: bool = True,
        on: str | None = None,
    ) -> None:
        super().__init__()
        self.weight = weight
        self.trim = check_trim(trim)
        self.unit_target = unit_target
        self.per_region = per_region
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `inverse_depth` nor `disparity`, or the targets have neither
                `inverse_depth` nor `depth`, or no `valid_mask`.
        """
        maps = relative_maps(prediction, targets, self.on, self.per_region)
        return self.weight * scale_shift_invariant_loss(*maps, trim=self.trim, unit_target=self.unit_target)
