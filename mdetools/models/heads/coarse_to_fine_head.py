"""Disparity, coarse to fine, as Garg et al. predict it."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction
from mdetools.errors import UserError
from mdetools.geometry import resize_disparity
from mdetools.registry import HEADS

__all__ = ["CoarseToFineHead", "double", "doubling_conv"]


def doubling_conv() -> nn.ConvTranspose2d:
    """A learned 4x4 filter that doubles both the size and the values of a disparity map.

    It starts as twice the bilinear upsampling without aligned corners: a pixel of the coarse map lies in the middle of
    four of the fine one.
    """
    conv = nn.ConvTranspose2d(1, 1, kernel_size=4, stride=2, padding=1, bias=False)
    ramp = torch.tensor([0.25, 0.75, 0.75, 0.25])
    with torch.no_grad():
        conv.weight.copy_(2 * torch.outer(ramp, ramp))
    return conv


def double(disparity: Tensor, conv: nn.ConvTranspose2d) -> Tensor:
    """Applies a `doubling_conv` to a map that goes on beyond its border with its last value.

    With zeros there, as the filter's own padding has them, a constant disparity would lose a quarter at the border,
    again at each doubling.

    Args:
        disparity: (B, 1, h, w), pixels of its own width.
        conv: the filter.

    Returns:
        (B, 1, 2h, 2w), pixels of its own width.
    """
    return conv(F.pad(disparity, (1, 1, 1, 1), mode="replicate"))[..., 2:-2, 2:-2]


@HEADS.register_module()
class CoarseToFineHead(nn.Module):
    """Five disparity maps, each about twice as wide as the one before.

    Garg et al., "Unsupervised CNN for Single View Depth Estimation", ECCV 2016, section 3.2. The paper's layers:

    - C7, a 1x1 convolution of the coarsest map to one channel.
    - F1 and F2: the disparity, resized to the size of the next finer map, plus a 1x1 convolution of that map. With
      `AlexNetFCN` these are C5 (the paper's L5) and C2 (its L3).
    - D3 to D5: `double`.

    C7 and the two 1x1 convolutions start at zero, so that all predictions do. F1 and F2 resize bilinearly without
    aligned corners, as D3 to D5 do. No prediction goes through a ReLU, though a published listing of the layers has one
    after each: its gradient at zero disparity is zero, and nothing would ever be learned. A loss sees to the sign.

    Any backbone with three maps will do, whatever their strides; the last three are used, the last one as the coarsest.
    With maps of one stride, F1 and F2 keep their size.

    Each prediction stands for the whole image, so losses shrink both images of a pair to its size, and it is resized to
    the image's size for evaluation. With `AlexNetFCN` and an image of 188x620 the predictions are 11x38, 22x76, 44x152,
    88x304 and 176x608.

    Args:
        in_channels: channels of the backbone's maps, fine to coarse or in the order of depth.
        in_strides: their strides; unused, for sizes are taken from the maps.
        stage: how many predictions are made, 1 to 5. The layers that only later stages use are then not trained.

    Attributes:
        stage: as above; `CoarseToFineHook` changes it during a training, by `enter_stage`.

    Raises:
        UserError: if the backbone gives fewer than three maps, or there is no such stage.
    """

    def __init__(self, in_channels: Sequence[int], in_strides: Sequence[int], stage: int = 5) -> None:
        super().__init__()
        if len(in_channels) < 3:
            raise UserError(
                f"CoarseToFineHead needs a backbone with 3 maps or more; this one gives {len(in_channels)}: "
                f"name more in its out_indices"
            )
        if stage not in range(1, 6):
            raise UserError(f"CoarseToFineHead got stage={stage}; set it to 1, 2, 3, 4 or 5")
        fine, middle, coarse = in_channels[-3:]
        self.conv7 = nn.Conv2d(coarse, 1, 1)
        self.skips = nn.ModuleList([nn.Conv2d(middle, 1, 1), nn.Conv2d(fine, 1, 1)])
        self.doublings = nn.ModuleList(doubling_conv() for _ in range(3))
        for conv in (self.conv7, *self.skips):
            nn.init.zeros_(conv.weight)
            nn.init.zeros_(conv.bias)
        self.enter_stage(stage)

    def enter_stage(self, stage: int) -> None:
        """Predicts at the first `stage` sizes from now on, and leaves the layers of later stages untrained."""
        self.stage = stage
        for number in range(1, 6):
            for module in self.stage_modules(number):
                module.requires_grad_(number <= stage)

    def stage_modules(self, stage: int) -> list[nn.Module]:
        """The layers that stage 1, 2, ... 5 is the first to use."""
        third, fourth, fifth = self.doublings
        return [[self.conv7, self.skips[0]], [self.skips[1]], [third], [fourth], [fifth]][stage - 1]

    def forward(self, features: list[Tensor], image_size: tuple[int, int]) -> Prediction:
        """Predicts at the first `stage` sizes.

        Args:
            features: maps (B, C_i, H_i, W_i), of any floating type.
            image_size: unused; the predictions' sizes follow from the maps'.

        Returns:
            `pyramid`, fine to coarse, and `disparity`, its first map; (B, 1, h, w), float32, pixels of their own width.
        """
        fine, middle, coarse = features[-3:]
        # In bfloat16 a disparity of 100 pixels would move in steps of half a pixel.
        with torch.autocast(fine.device.type, enabled=False):
            disparity = self.conv7(coarse.float())
            coarse_to_fine = []
            for skip, conv in zip((middle, fine), self.skips, strict=True):
                if len(coarse_to_fine) < self.stage:
                    upsampled = resize_disparity(disparity, skip.shape[-2:])
                    disparity = upsampled + conv(skip.float())
                    coarse_to_fine.append(disparity)
            for conv in self.doublings[: max(self.stage - 2, 0)]:
                disparity = double(disparity, conv)
                coarse_to_fine.append(disparity)
        return {"disparity": disparity, "pyramid": coarse_to_fine[::-1]}
