"""AlexNet without its fully connected layers, as Garg et al. use it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.errors import UserError
from mdetools.models.layers import LocalResponseNorm, map_size
from mdetools.registry import BACKBONES

__all__ = ["AlexNetFCN"]

SMALLEST_SIDE = 39  # of an image whose map before the last pooling still has 2 cells


def pool(x: Tensor) -> Tensor:
    """Maximum over 3x3 at stride 2; the last window may reach over the border, so that no cell is left out.

    Args:
        x: (B, C, H, W), not negative.

    Returns:
        (B, C, H // 2, W // 2).
    """
    if torch.compiler.is_exporting():  # which knows no free sizes in `ceil_mode`; a border of 0 is no maximum
        return F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, stride=2)
    return F.max_pool2d(x, 3, stride=2, ceil_mode=True)


@BACKBONES.register_module()
class AlexNetFCN(nn.Module):
    """The encoder of Garg et al., "Unsupervised CNN for Single View Depth Estimation", ECCV 2016: C1 to C6.

    C1 to C5 are AlexNet's convolutions; C6, 2048 filters of 5x5, stands for its fully connected layers. For an image of
    188x620 the maps are 45x153 (C1), 22x76 (C2), 11x38 (C5) and 5x19 (C6, pooled). Where the source leaves a choice:

    - A pooling between C6 and C7. Descriptions go from C6 straight to C7; a published listing of the layers has a
      pooling between. It is here: the finest prediction, 176x608, is five doublings away from 5.5x19.
    - "L3", which the head adds at F2 to a map of 22x76. C3 has 11x38 cells; C2 alone has that size, and is taken.
    - C6's padding. The listing has none, which would leave 7x34 cells and no 11x38 before the pooling; it is 2.
    - Zero disparity at the start. The listing sets "the 5x5 convolution" to 0. Behind a ReLU that would leave C6 and
      all before it without a gradient for good, so that C7, in the head, starts at zero in its place, and C1 to C6 at
      random, with variances that keep the scale of the image up to C6 (He et al., ICCV 2015).

    C1's windows start at the image's first pixel and need not end at its last: of 188x620 pixels they see 187x619, and
    their centres span 177x609.

    Attributes:
        channels: 96, 256, 256, 2048.
        strides: 4, 8, 16, 32.
    """

    channels = [96, 256, 256, 2048]
    strides = [4, 8, 16, 32]

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, stride=4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)
        self.conv6 = nn.Conv2d(256, 2048, 5, padding=2)
        self.norm = LocalResponseNorm(size=5, alpha=1e-4, beta=0.75, bias=2.0)
        for conv in self.children():
            if isinstance(conv, nn.Conv2d):
                nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
                nn.init.zeros_(conv.bias)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Extracts the maps.

        Args:
            image: (B, 3, H, W); the paper's lies in [-0.5, 0.5].

        Returns:
            C1 and C2 after their norms, C5, and C6 pooled, fine to coarse.

        Raises:
            UserError: if H or W is below 39.
        """
        height, width = map_size(image)
        if min(height, width) < SMALLEST_SIDE:
            raise UserError(
                f"AlexNetFCN got an image of {height}x{width}; both sides must be at least {SMALLEST_SIDE}: "
                f"use a larger size in the pipeline's Resize or crop"
            )
        first = self.norm(self.conv1(image).relu_())
        second = self.norm(self.conv2(pool(first)).relu_())
        third = self.conv3(pool(second)).relu_()
        fifth = self.conv5(self.conv4(third).relu_()).relu_()
        return [first, second, fifth, pool(self.conv6(fifth).relu_())]
