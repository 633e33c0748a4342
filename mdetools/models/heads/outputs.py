"""What a head's raw numbers mean.

Each output names its `quantity`, turns logits into it, and says at which logit a head should start.
"""

from torch import Tensor, nn

from mdetools.registry import OUTPUTS

__all__ = ["Logits", "ReluInverseDepth", "SigmoidDepth", "SigmoidDisparity", "SoftplusDepth", "SoftplusInverseDepth"]


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


@OUTPUTS.register_module()
class SoftplusInverseDepth(nn.Module):
    """Relative inverse depth above 0, and close to it at infinity: softplus(x).

    Unlike `ReluInverseDepth` it has a gradient everywhere. Under losses that ignore scale and shift a network that
    starts from nothing soon pushes the far half of an image below 0, where ReLU learns nothing.
    """

    quantity = "inverse_depth"
    initial_logit = 1.0

    def forward(self, logits: Tensor) -> Tensor:
        """Logits of any shape to inverse depth of unknown scale and shift."""
        return nn.functional.softplus(logits)


@OUTPUTS.register_module()
class SigmoidDisparity(nn.Module):
    """Disparity in (0, max_fraction * width): sigmoid(x) * max_fraction * width, as in Godard et al., CVPR 2017.

    Args:
        max_fraction: the largest disparity, as a part of the map's width.
    """

    quantity = "disparity"
    # With max_fraction = 0.3 a head starts at 3.6 % of the width: 8.8 m on KITTI, whose focal length is 0.58 of the
    # width and whose baseline is 0.54 m. The middle of the range, 15 %, is 2.1 m, nearer than all of a street.
    initial_logit = -2.0

    def __init__(self, max_fraction: float = 0.3) -> None:
        super().__init__()
        self.max_fraction = max_fraction

    def forward(self, logits: Tensor) -> Tensor:
        """Logits (..., W) of a map of width W to pixels of that width."""
        return logits.sigmoid() * (self.max_fraction * logits.shape[-1])


@OUTPUTS.register_module()
class Logits(nn.Module):
    """Scores of classes per pixel, before any softmax, as cross-entropy takes them."""

    quantity = "logits"
    initial_logit = 0.0

    def forward(self, logits: Tensor) -> Tensor:
        """Logits (B, K, H, W) of any floating type to the same numbers in float32."""
        return logits.float()
