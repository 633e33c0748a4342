"""Ranking loss of point pairs of which one is known to be closer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets, quantity_of
from mdetools.geometry import masked_mean, sample_at
from mdetools.models.losses.inputs import require_prediction, require_target
from mdetools.models.losses.parts import among, check_part
from mdetools.registry import LOSSES

__all__ = ["OrdinalLoss", "ordinal_loss"]


def ordinal_loss(closeness: Tensor, known: Tensor) -> Tensor:
    """Mean of log(1 + exp(-(z_closer - z_farther))) over the pairs of an image, then over the images that have any.

    Source: Chen et al., "Single-Image Depth Perception in the Wild" (NIPS 2016), eqs. 1 and 2, for z that grows towards
    the camera, and pairs that are never equal.

    >>> ordinal_loss(torch.tensor([[[2.0, 2.0], [9.0, 0.0]]]), torch.tensor([[True, False]]))
    tensor(0.6931)

    Args:
        closeness: (B, N, 2), of any floating type: z of the closer point, then of the farther one.
        known: (B, N), bool: which pairs there are. What the others hold is not read.

    Returns:
        (), float32; 0 without pairs.
    """
    closer, farther = closeness.float().where(known[..., None], 0).unbind(-1)
    return masked_mean(masked_mean(F.softplus(farther - closer), known), known.any(1), dims=(0,))


@LOSSES.register_module()
class OrdinalLoss(nn.Module):
    """`ordinal_loss` of the prediction at the targets' `point_pairs`.

    z is the head's `inverse_depth` or `disparity`, or minus its `depth`, in the head's unit. A point's z is that of the
    pixel in which it lies, see `sample_at`: nothing is interpolated, and a map of another size is not resized. Pairs
    that hold a NaN do not count. `valid_mask` is not read.

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
            UserError: if the head predicts no depth of any kind, or the targets lack `point_pairs`.
        """
        quantity = quantity_of(prediction)
        values = require_prediction(prediction, quantity.name if quantity.is_inverse else "depth")
        pairs = require_target(targets, "point_pairs")
        image_size = tuple(targets["image"].shape[-2:])
        sampled = torch.stack([sample_at(*one, image_size)[..., 0] for one in zip(values, pairs, strict=True)])
        known = among(pairs.isfinite().all((2, 3)), targets, self.on)
        return self.weight * ordinal_loss(sampled if quantity.is_inverse else -sampled, known)
