"""How maps of predictions are brought to another size."""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["at_least_float32", "resize_aligned", "resize_centred", "resize_disparity", "shrink"]


def at_least_float32(values: Tensor) -> Tensor:
    """The values in float32, or as they are if they are in float64."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def has_size(values: Tensor, size: tuple[int, int]) -> bool:
    """Whether nothing is to be resized; never in `torch.export`, whose graph with free sizes must not depend on one."""
    return not torch.compiler.is_exporting() and values.shape[-2:] == tuple(size)


def resize_aligned(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Values (B, C, h, w) at another size (H, W), bilinearly with aligned corners; not below float32 if resized."""
    if has_size(values, size):
        return values
    return F.interpolate(at_least_float32(values), tuple(size), mode="bilinear", align_corners=True)


def resize_centred(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Values (B, C, h, w) at another size (H, W), bilinearly by pixel centres; not below float32 if resized."""
    if has_size(values, size):
        return values
    return F.interpolate(at_least_float32(values), tuple(size), mode="bilinear", align_corners=False)


def resize_disparity(disparity: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes a disparity map bilinearly, and its values with it: they stay pixels of their own width.

    Corners are not aligned, as they are not where the images that it belongs to are resized.

    Args:
        disparity: (B, 1, h, w), pixels of its own width.
        size: (H, W) after.

    Returns:
        (B, 1, H, W), pixels of its own width; not below float32 if resized.
    """
    if has_size(disparity, size):
        return disparity
    return resize_centred(disparity, size) * (size[1] / disparity.shape[-1])


def shrink(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Shrinks an image (B, C, H, W) to `size` without aliasing: each pixel is a weighted mean around its own place.

    torch's `mode="area"` is no such mean: it weighs all pixels alike that a window touches, so that at a factor that is
    no whole number pixels come from up to half a pixel aside, to and fro along the row, and the two images of a pair no
    longer match at their disparity.
    """
    height, width = size
    if image.shape[-2:] == (height, width):
        return image
    # Halfway between two pixels, linear interpolation is their mean; torch computes it in half the time.
    halved = image.shape[-2:] == (2 * height, 2 * width)
    return F.interpolate(image, (height, width), mode="bilinear", align_corners=False, antialias=not halved)
