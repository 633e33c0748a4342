import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.geometry import masked_mean
from mdetools.models.losses.inputs import require_prediction, require_target
from mdetools.registry import LOSSES


def huber_loss(prediction: Tensor, target: Tensor, valid_mask: Tensor, delta: float) -> Tensor:
    """Mean Huber loss over the valid pixels of an image, then over images; all (B, 1, H, W), metres."""
    target = target.where(valid_mask, 0)  # what is not valid may be NaN, and 0 times NaN is NaN in the backward pass
    error = F.huber_loss(prediction.float(), target, reduction="none", delta=delta)
    return masked_mean(error, valid_mask).mean()


@LOSSES.register_module()
class HuberDepthLoss(nn.Module):
    """`huber_loss` of the predicted `depth`.

    Args:
        delta: error above which the loss is linear, metres.
        weight: factor of the returned value.
    """

    def __init__(self, delta: float = 0.1, weight: float = 1.0) -> None:
        super().__init__()
        self.delta = delta
        self.weight = weight

    def forward(self, prediction: Prediction, targets: Targets) -> Tensor:
        """Returns the weighted loss, float32 ()."""
        depth = require_prediction(prediction, "depth")
        target, valid_mask = (require_target(targets, name) for name in ("depth", "valid_mask"))
        return self.weight * huber_loss(depth, target, valid_mask, self.delta)
