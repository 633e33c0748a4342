"""Backbones: image -> feature maps."""

from mdetools.models.backbones.dinov2 import DINOv2, resample_pos_embed

__all__ = ["DINOv2", "resample_pos_embed"]
