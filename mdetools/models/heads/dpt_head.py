"""The decoder of Dense Prediction Transformers, as Depth Anything has it."""

from collections.abc import Sequence
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.contract import Prediction
from mdetools.errors import UserError
from mdetools.registry import HEADS, OUTPUTS

__all__ = ["DPTHead"]


def upsample(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear resize with aligned corners, as DPT does it everywhere."""
    return F.interpolate(x, size=size, mode="bilinear", align_corners=True)


def float_logits(x: Tensor, conv: nn.Conv2d, groups: int = 8) -> Tensor:
    """A 1x1 convolution with a float32 result; for one channel or a few without a float32 copy of its input.

    A bfloat16 result would show depth in steps of 0.4 %. The products are summed in a few groups of channels, whose
    rounding is no coarser than that of the input, and these sums in float32. Where the groups of all outputs would be
    more numbers than the input has, the copy is faster.

    Args:
        x: (B, C, H, W), of any floating type.
        conv: 1x1, to K channels.
        groups: a divisor of C.

    Returns:
        (B, K, H, W), float32.
    """
    if x.dtype == torch.float32:
        return conv(x)
    if conv.out_channels * groups > conv.in_channels:
        with torch.autocast(x.device.type, enabled=False):
            return F.conv2d(x.float(), conv.weight.float(), conv.bias.float())
    members = torch.eye(groups, device=x.device).repeat_interleave(conv.in_channels // groups, 1)
    weight = (members * conv.weight.view(-1, 1, conv.in_channels)).flatten(0, 1)
    sums = F.linear(x.permute(0, 2, 3, 1), weight.to(x.dtype)).unflatten(-1, (-1, groups))
    with torch.autocast(x.device.type, enabled=False):
        return (sums.sum(-1, dtype=torch.float32) + conv.bias.float()).permute(0, 3, 1, 2)


class ResidualUnit(nn.Module):
    """Two 3x3 convolutions, each after a ReLU, added to the input; (B, C, H, W) to the same.

    With `use_bn` each is followed by batch normalisation.
    """

    def __init__(self, channels: int, use_bn: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(channels) if use_bn else nn.Identity()
        self.bn2 = nn.BatchNorm2d(channels) if use_bn else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bn2(self.conv2(self.bn1(self.conv1(x.relu())).relu_()))


class FusionBlock(nn.Module):
    """Adds a skip map to the coarser path, refines the sum and upsamples it.

    The 1x1 convolution comes before the upsampling instead of after it: both are linear and the bilinear weights sum to
    one, so that the result is the same at a quarter of the work.
    """

    def __init__(self, channels: int, has_skip: bool, use_bn: bool = False) -> None:
        super().__init__()
        self.skip_unit = ResidualUnit(channels, use_bn) if has_skip else None
        self.unit = ResidualUnit(channels, use_bn)
        self.out_conv = nn.Conv2d(channels, channels, 1)

    def forward(self, path: Tensor, size: tuple[int, int], skip: Tensor | None = None) -> Tensor:
        if skip is not None:
            path = path + self.skip_unit(skip)
        return upsample(self.out_conv(self.unit(path)), size)


@HEADS.register_module()
class DPTHead(nn.Module):
    """Fuses four feature maps, coarse to fine, into a map of the image's size.

    Ranftl et al., "Vision Transformers for Dense Prediction", ICCV 2021, in the variant of Yang et al., "Depth Anything
    V2", 2024. Maps of one stride s (a plain vision transformer) are first resized to s/4, s/2, s and 2s; maps that form
    a pyramid already (a convolutional backbone) are taken as they are.

    Args:
        in_channels: channels of the four maps, fine to coarse or in the order of depth.
        in_strides: their strides.
        features: channels of the fused path: 64, 128, 256, 384 for ViT-S, B, L, g.
        out_channels: channels of the four maps after their projection.
        output: config of the output layer, which gives the quantity and its range; None is `usual_output`.
        num_outputs: K, channels of the prediction: 1 for depth, as many as there are classes for a segmentation,
            `DPTHead(num_outputs=19, output=dict(type="Logits"))`.
        use_bn: batch normalisation in the residual units, which the published code has as an option too: a head that
            starts from nothing learns faster with it. Released weights of Depth Anything have none.

    Raises:
        UserError: if the backbone does not give four maps, or `num_outputs` is below 1.
    """

    usual_output = MappingProxyType(dict(type="SigmoidDepth"))

    def __init__(
        self,
        in_channels: Sequence[int],
        in_strides: Sequence[int],
        features: int = 64,
        out_channels: Sequence[int] = (48, 96, 192, 384),
        output: dict | None = None,
        num_outputs: int = 1,
        use_bn: bool = False,
    ) -> None:
        super().__init__()
        if len(in_channels) != 4 or len(out_channels) != 4:
            raise UserError(
                f"DPTHead fuses 4 maps; the backbone gives {len(in_channels)}, out_channels {len(out_channels)}"
            )
        if num_outputs < 1:
            raise UserError(f"DPTHead got num_outputs={num_outputs}; set it to 1 or more")
        self.projects = nn.ModuleList(nn.Conv2d(i, o, 1) for i, o in zip(in_channels, out_channels, strict=True))
        first, second, third, fourth = out_channels
        if len(set(in_strides)) == 1:
            resizers = [
                nn.ConvTranspose2d(first, first, 4, stride=4),
                nn.ConvTranspose2d(second, second, 2, stride=2),
                nn.Identity(),
                nn.Conv2d(fourth, fourth, 3, stride=2, padding=1),
            ]
        else:
            resizers = [nn.Identity()] * 4
        self.resizers = nn.ModuleList(resizers)
        self.reducers = nn.ModuleList(nn.Conv2d(c, features, 3, padding=1, bias=False) for c in out_channels)
        self.fusions = nn.ModuleList(FusionBlock(features, level < 3, use_bn) for level in range(4))
        self.output_conv1 = nn.Conv2d(features, features // 2, 3, padding=1)
        self.output_conv2 = nn.Conv2d(features // 2, 32, 3, padding=1)
        self.output_conv3 = nn.Conv2d(32, num_outputs, 1)
        self.output = OUTPUTS.build(dict(output or self.usual_output))
        nn.init.constant_(self.output_conv3.bias, self.output.initial_logit)
        # A transformer's tokens lie in memory with the channels last; convolutions and resizes that keep them so are
        # faster.
        self.to(memory_format=torch.channels_last)

    def forward(self, features: list[Tensor], image_size: tuple[int, int]) -> Prediction:
        """Predicts at the image's size.

        Args:
            features: four maps (B, C_i, H_i, W_i).
            image_size: (H, W) of the prediction.

        Returns:
            The output's quantity, float32 (B, K, H, W), by its name.
        """
        maps = [
            reduce(resize(project(x)))
            for x, project, resize, reduce in zip(features, self.projects, self.resizers, self.reducers, strict=True)
        ]
        path = self.fusions[3](maps[3], size=maps[2].shape[-2:])
        path = self.fusions[2](path, maps[1].shape[-2:], skip=maps[2])
        path = self.fusions[1](path, maps[0].shape[-2:], skip=maps[1])
        path = self.fusions[0](path, tuple(2 * side for side in maps[0].shape[-2:]), skip=maps[0])
        path = upsample(self.output_conv1(path), image_size)
        path = self.output_conv2(path).relu_()
        return {self.output.quantity: self.output(float_logits(path, self.output_conv3))}
