"""What a head's raw numbers mean.

Each output names its `quantity`, turns logits into it, and says at which logit a head had best start.
"""

from torch import Tensor, nn

from mdetools.registry import OUTPUTS

__all__ = ["ReluInverseDepth", "SigmoidDepth", "SoftplusDepth"]


@OUTPUTS.register_module()
class SigmoidDepth(nn.Module):
    """Metric depth in (0, max_depth): sigmoid(x) * max_depth, as in Depth Anything V2's metric models.

    Args:
        max_depth: metres.
    """

    quantity = "depth"
    initial_logit = 0.0

    def __init__(self, max_depth: float = 10.0) -> None:
        super().__init__()
        self.max_depth = max_depth

    def forward(self, logits: Tensor) -> Tensor:
        """Logits of any shape to metres."""
        return logits.sigmoid() * self.max_depth


@OUTPUTS.register_module()
class SoftplusDepth(nn.Module):
    """Metric depth above min_depth without an upper bound: min_depth + softplus(x).

    Args:
        min_depth: metres.
    """

    quantity = "depth"
    initial_logit = 0.0

    def __init__(self, min_depth: float = 1e-3) -> None:
        super().__init__()
        self.min_depth = min_depth

    def forward(self, logits: Tensor) -> Tensor:
        """Logits of any shape to metres."""
        return self.min_depth + nn.functional.softplus(logits)


@OUTPUTS.register_module()
class ReluInverseDepth(nn.Module):
    """Relative inverse depth, 0 at infinity: relu(x), as in Depth Anything's relative models."""

    quantity = "inverse_depth"
    initial_logit = 1.0  # a head that starts below 0 everywhere would never get a gradient

    def forward(self, logits: Tensor) -> Tensor:
        """Logits of any shape to inverse depth of unknown scale and shift."""
        return logits.relu()
