"""Backbones: image -> feature maps."""

from mdetools.models.backbones.alexnet_fcn import AlexNetFCN
from mdetools.models.backbones.depth_augmented import DepthAugmentedBackbone
from mdetools.models.backbones.dinov2 import DINOv2
from mdetools.models.backbones.fast_conv import FastConv
from mdetools.models.backbones.timm_backbone import TimmBackbone
from mdetools.models.layers import resample_pos_embed

__all__ = ["AlexNetFCN", "DINOv2", "DepthAugmentedBackbone", "FastConv", "TimmBackbone", "resample_pos_embed"]
