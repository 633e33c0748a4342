"""Disparity of a rectified pair and depth, of tensors.

Pixel centres lie at integer coordinates, and a pixel x of the left image matches x - disparity of the right one. A
disparity is in pixels of its own map's width, so it grows with the map; focal lengths here are in the same pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["depth_to_disparity", "disparity_to_depth", "resize_disparity"]


def resize_disparity(disparity: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes a disparity map bilinearly, and its values with it: they stay pixels of their own width.

    Corners are not aligned, as they are not where the images that it belongs to are resized.

    Args:
        disparity: (B, 1, h, w), pixels of its own width.
        size: (H, W) after.

    Returns:
        (B, 1, H, W), pixels of its own width.
    """
    # A graph of `torch.export` with free sizes must not depend on this one.
    if not torch.compiler.is_exporting() and disparity.shape[-2:] == tuple(size):
        return disparity
    resized = F.interpolate(disparity, tuple(size), mode="bilinear", align_corners=False)
    return resized * (size[1] / disparity.shape[-1])


def disparity_to_depth(disparity: Tensor, focal: Tensor, baseline: Tensor, max_depth: float = 1000.0) -> Tensor:
    """Depth `focal * baseline / disparity` of a rectified pair.

    Args:
        disparity: (B, 1, H, W), pixels.
        focal: (B,), pixels of the same width.
        baseline: (B,), metres.
        max_depth: metres; every disparity that would lie farther, 0 and the negative ones too, gets this depth. Its
            gradient is then the one at this depth, not 0: a network that starts at zero disparity can still learn.

    Returns:
        (B, 1, H, W), metres, in (0, max_depth].
    """
    scale = (focal * baseline).view(-1, 1, 1, 1)
    value = disparity.detach()
    return scale / (torch.maximum(value, scale / max_depth) + (disparity - value))


def depth_to_disparity(depth: Tensor, focal: Tensor, baseline: Tensor, min_depth: float = 1e-3) -> Tensor:
    """Disparity `focal * baseline / depth` of a rectified pair.

    Args:
        depth: (B, 1, H, W), metres; 0 (unknown) and below gives a disparity of 0, without gradient.
        focal: (B,), pixels of the map's width.
        baseline: (B,), metres.
        min_depth: positive depths below it count as this depth, metres, which keeps the disparity finite.

    Returns:
        (B, 1, H, W), pixels.
    """
    disparity = (focal * baseline).view(-1, 1, 1, 1) / depth.clamp_min(min_depth)
    return torch.where(depth > 0, disparity, 0)
