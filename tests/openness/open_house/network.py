"""A small backbone, and a head for any dense quantity."""

from itertools import pairwise

import torch.nn.functional as F
from torch import nn

from mdetools.registry import BACKBONES, HEADS


@BACKBONES.register_module()
class ConvBackbone(nn.Module):
    """Four strided convolutions; maps of strides 2, 4, 8 and 16."""

    channels = [8, 8, 16, 16]
    strides = [2, 4, 8, 16]

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise([3, *self.channels]))

    def forward(self, image):
        features = []
        for conv in self.convs:
            image = conv(image).relu()
            features.append(image)
        return features


@HEADS.register_module()
class DenseHead(nn.Module):
    """The sum of all maps, each brought to the channels of a quantity and to the image's size."""

    def __init__(self, in_channels, in_strides, quantity, channels):
        super().__init__()
        self.quantity = quantity
        self.convs = nn.ModuleList(nn.Conv2d(c, channels, 1) for c in in_channels)

    def forward(self, features, image_size):
        maps = [conv(x).float() for conv, x in zip(self.convs, features, strict=True)]
        return {self.quantity: sum(F.interpolate(x, image_size, mode="bilinear") for x in maps)}
