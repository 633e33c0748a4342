from itertools import pairwise

from torch import Tensor, nn

from mdetools.registry import BACKBONES


@BACKBONES.register_module()
class TinyBackbone(nn.Module):
    """Three strided convolutions; maps of strides 2, 4 and 8.

    Args:
        width: channels of the first map; they double from map to map.
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.channels = [width, 2 * width, 4 * width]
        self.strides = [2, 4, 8]
        self.stages = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise([3, *self.channels]))

    def forward(self, image: Tensor) -> list[Tensor]:
        """Returns the three maps of an image (B, 3, H, W)."""
        features = []
        for stage in self.stages:
            image = stage(image).relu()
            features.append(image)
        return features
