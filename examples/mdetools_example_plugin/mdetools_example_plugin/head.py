from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction
from mdetools.registry import HEADS


@HEADS.register_module()
class TinyHead(nn.Module):
    """Adds up the maps, each brought to one channel and to the image's size.

    Args:
        in_channels: channels of the backbone's maps.
        in_strides: strides of the backbone's maps.
        max_depth: the sigmoid's output 1, metres.
    """

    def __init__(self, in_channels: Sequence[int], in_strides: Sequence[int], max_depth: float = 10.0) -> None:
        super().__init__()
        self.max_depth = max_depth
        self.projections = nn.ModuleList(nn.Conv2d(channels, 1, 1) for channels in in_channels)

    def forward(self, features: list[Tensor], image_size: tuple[int, int]) -> Prediction:
        """Returns `depth` (B, 1, H, W)."""
        maps = [project(feature) for project, feature in zip(self.projections, features, strict=True)]
        total = sum(F.interpolate(m, image_size, mode="bilinear", align_corners=True) for m in maps)
        return {"depth": total.sigmoid() * self.max_depth}
