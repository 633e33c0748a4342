"""Rebuilds one image of a rectified pair from the other."""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["warp_horizontally"]


def warp_horizontally(image: Tensor, disparity: Tensor) -> tuple[Tensor, Tensor]:
    """Samples an image at x - disparity, bilinearly: the right image becomes the left one.

    Pixel centres lie at integer coordinates. Beyond the border is black, as `grid_sample` has it: a sample less than a
    pixel outside still holds its share of the border pixel. Differentiable in both arguments.

    >>> right, disparity = torch.tensor([[[[0.0, 1.0, 2.0, 3.0]]]]), torch.full((1, 1, 1, 4), 1.0)
    >>> warp_horizontally(right, disparity)[0]
    tensor([[[[0., 0., 1., 2.]]]])

    Source: Jaderberg et al., "Spatial Transformer Networks" (NIPS 2015), equation 5, along rows.

    Args:
        image: (B, C, H, W).
        disparity: (B, 1, H, W), pixels, of the image's type.

    Returns:
        The warped image (B, C, H, W), and bool (B, 1, H, W), True where 0 <= x - disparity <= W - 1.
    """
    height, width = image.shape[-2:]
    x, y = (torch.arange(side, dtype=disparity.dtype, device=disparity.device) for side in (width, height))
    # In grid_sample's units without aligned corners, where an image one pixel wide is no special case.
    grid_x = torch.sub((2 * x + 1) / width - 1, disparity[:, 0], alpha=2 / width)
    grid_y = ((2 * y + 1) / height - 1)[:, None].expand_as(grid_x)
    warped = F.grid_sample(
        image, torch.stack([grid_x, grid_y], -1), mode="bilinear", padding_mode="zeros", align_corners=False
    )
    return warped, (disparity <= x) & (disparity >= x - (width - 1))
