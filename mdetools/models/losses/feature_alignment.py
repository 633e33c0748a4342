"""Keeps the encoder's features near those of a frozen one."""

import torch
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.errors import UserError
from mdetools.geometry import masked_mean
from mdetools.models.losses.inputs import require_target
from mdetools.models.losses.parts import among, check_part
from mdetools.registry import LOSSES

__all__ = ["FeatureAlignmentLoss", "feature_alignment_loss"]


def feature_alignment_loss(
    features: Tensor,
    target: Tensor,
    counted: Tensor | None = None,
    ignore_above_similarity: float = 0.85,
    eps: float = 1e-6,
) -> Tensor:
    """Mean of 1 - cos(features, target) over the pixels of the whole batch whose cosine is not above a limit.

    Source: Depth Anything (Yang et al., CVPR 2024), eq. 14 and its tolerance margin. Each pixel is compared with the
    limit by itself, and one that is above it neither adds to the sum nor is counted.

    >>> features = torch.tensor([[[[1.0, 1.0]], [[0.0, 1.0]]]])
    >>> feature_alignment_loss(features, torch.tensor([[[[1.0, 0.0]], [[0.0, 1.0]]]]))  # cosines 1 and 0.7071
    tensor(0.2929)

    Args:
        features: (B, C, h, w), of any floating type.
        target: (B, C, h, w), of a frozen network; NaN where a sample has none.
        counted: bool (B,), the samples that count; None takes all.
        ignore_above_similarity: the limit; 1 keeps every pixel.
        eps: a shorter vector has no direction, and its pixel is not counted.

    Returns:
        (), float32; 0 if no pixel is left.
    """
    features, target = features.float(), target.float().where(target.isfinite().all(1, keepdim=True), 0)
    length, target_length = (torch.linalg.vector_norm(one, dim=1) for one in (features, target))
    known = ~(length <= eps) & (target_length > eps)  # the NaN of a run that blew up stays one
    if counted is not None:
        known = known & counted.view(-1, 1, 1)
    similarity = (features * target).sum(1) / (length * target_length).where(known, 1)
    above = similarity.clamp(max=1) > ignore_above_similarity
    return masked_mean(1 - similarity, known & ~above, dims=(0, 1, 2))


@LOSSES.register_module()
class FeatureAlignmentLoss(nn.Module):
    """`feature_alignment_loss` of the last map in `prediction["features"]` and the targets' `features`.

    Those come from a batch step with a frozen encoder. Both are taken as they are, without projection or resizing: they
    must agree in channels and size. Depth Anything computes it on unlabelled images alone, `on="unlabelled"`.

    Args:
        weight: factor of the returned value.
        ignore_above_similarity: see `feature_alignment_loss`.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch.
    """

    def __init__(self, weight: float = 1.0, ignore_above_similarity: float = 0.85, on: str | None = None) -> None:
        super().__init__()
        self.weight = weight
        self.ignore_above_similarity = ignore_above_similarity
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the model gives no features, the targets have none, or the two differ in channels or size.
        """
        if not prediction.get("features"):
            raise UserError(f"needs the backbone's `features`; the model gives {', '.join(prediction)}: use Estimator")
        features, target = prediction["features"][-1], require_target(targets, "features")
        if features.shape != target.shape:
            own, other = ("{} channels of {}x{}".format(*one.shape[1:]) for one in (features, target))
            raise UserError(
                f"the backbone's last map has {own}, the targets' `features` have {other}: use a frozen encoder of the "
                "backbone's architecture, on images of the same size"
            )
        everybody = torch.ones(len(target), dtype=torch.bool, device=target.device)
        counted = among(everybody, targets, self.on)
        return self.weight * feature_alignment_loss(features, target, counted, self.ignore_above_similarity)
