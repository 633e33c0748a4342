"""Scale-invariant logarithmic loss of metric depth."""

import torch
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.models.losses.inputs import metric_depth
from mdetools.models.losses.parts import among, check_part
from mdetools.registry import LOSSES

__all__ = ["SiLogLoss", "silog_loss"]


def silog_loss(prediction: Tensor, target: Tensor, valid_mask: Tensor, lam: float = 0.5, eps: float = 1e-6) -> Tensor:
    """sqrt(mean(e^2) - lam * mean(e)^2), e = log(prediction) - log(target), over the valid pixels of the whole batch.

    Source: Eigen et al., NIPS 2014, eq. 4; the square root as in Depth Anything V2's metric fine-tuning. It is computed
    as sqrt(mean((e - mean(e))^2) + (1 - lam) * mean(e)^2), which is the same number without the cancellation.

    >>> depth = torch.tensor([[[[1.0, 2.0, 4.0]]]])
    >>> silog_loss(torch.e * depth, depth, depth > 0, lam=0.5)
    tensor(0.7071)

    Args:
        prediction: (B, 1, H, W), metres, of any floating type.
        target: (B, 1, H, W), metres; read where `valid_mask` is True.
        valid_mask: (B, 1, H, W), bool.
        lam: 0 punishes a wrong scale fully, 1 not at all.
        eps: depths below it count as this depth, metres; a prediction below it gets no gradient of its own.

    Returns:
        (), float32; exactly 0, with zero gradients, for an empty mask and for a perfect prediction.
    """
    assert prediction.shape == target.shape == valid_mask.shape, (prediction.shape, target.shape, valid_mask.shape)
    one = prediction.new_ones((), dtype=torch.float32)
    # Invalid pixels are replaced before the logarithm: after it, their infinite gradient would turn 0 into NaN.
    log_prediction = prediction.float().where(valid_mask, one).clamp(min=eps).log()
    log_target = target.float().where(valid_mask, one).clamp(min=eps).log()
    error = log_prediction - log_target
    whole_batch = (0, 1, 2, 3)
    mean = masked_mean(error, valid_mask, whole_batch)
    square = masked_mean((error - mean).square(), valid_mask, whole_batch) + (1 - lam) * mean.square()
    # The square root's gradient at 0 is infinite, so 0 bypasses it; the NaN of a run that blew up stays one.
    zero = square == 0
    return square.where(~zero, one).sqrt() * ~zero


@LOSSES.register_module()
class SiLogLoss(nn.Module):
    """`silog_loss` of the predicted `depth`, or of that of the predicted `disparity`, against the target's.

    Args:
        lam: see `silog_loss`.
        weight: factor of the returned value.
        eps: see `silog_loss`.
        on: "labelled" or "unlabelled", the samples that count; None takes all.

    Raises:
        UserError: if there is no such part of a batch.
    """

    def __init__(self, lam: float = 0.5, weight: float = 1.0, eps: float = 1e-6, on: str | None = None) -> None:
        super().__init__()
        self.lam = lam
        self.weight = weight
        self.eps = eps
        self.on = check_part(on)

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ().

        Raises:
            UserError: if the head predicts neither `depth` nor `disparity`, or the targets lack `depth`, `valid_mask`
                or, for a disparity, the camera.
        """
        depth, target, mask = metric_depth(prediction, targets)
        return self.weight * silog_loss(depth, target, among(mask, targets, self.on), self.lam, self.eps)
