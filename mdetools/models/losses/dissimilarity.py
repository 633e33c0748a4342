"""How much two images differ, pixel by pixel: means over the channels, so that grey and RGB count alike.

All take images in [0, 1], (B, C, H, W) float32, and give (B, 1, H, W). A mean over three channels is a third of the
squared norm that papers write.
"""

import torch.nn.functional as F
from torch import Tensor

__all__ = ["DISSIMILARITIES", "absolute_difference", "squared_difference", "ssim", "ssim_l1"]


def squared_difference(first: Tensor, second: Tensor) -> Tensor:
    """Mean over channels of the squared difference (Garg et al., ECCV 2016, eq. 1, a third of it for RGB)."""
    return F.mse_loss(first, second, reduction="none").mean(1, keepdim=True)


def absolute_difference(first: Tensor, second: Tensor) -> Tensor:
    """Mean over channels of the absolute difference."""
    return F.l1_loss(first, second, reduction="none").mean(1, keepdim=True)


def ssim(first: Tensor, second: Tensor, c1: float = 0.01**2, c2: float = 0.03**2) -> Tensor:
    """Structural similarity in windows of 3x3 pixels of equal weight, per channel.

    Source: Wang et al., "Image Quality Assessment" (TIP 2004), eq. 13, with the average window of Godard et al. (CVPR
    2017). Variances are those of the window (divided by 9). The border is repeated, so that any size will do.

    Args:
        first: (B, C, H, W), in [0, 1].
        second: the same.
        c1: keeps the quotient of the means stable.
        c2: keeps the quotient of the deviations stable.

    Returns:
        (B, C, H, W), at most 1, which equal windows have.
    """
    first, second = (F.pad(image, (1, 1, 1, 1), mode="replicate") for image in (first, second))
    mean, other_mean = window_mean(first), window_mean(second)
    variance = window_mean(first.square()) - mean.square()
    other_variance = window_mean(second.square()) - other_mean.square()
    covariance = window_mean(first * second) - mean * other_mean
    likeness = (2 * mean * other_mean + c1) * (2 * covariance + c2)
    return likeness / ((mean.square() + other_mean.square() + c1) * (variance + other_variance + c2))


def window_mean(image: Tensor) -> Tensor:
    """Mean of the 3x3 windows that lie inside: (B, C, H, W) to (B, C, H - 2, W - 2)."""
    return F.avg_pool2d(image, 3, stride=1)


def ssim_l1(first: Tensor, second: Tensor, alpha: float = 0.85) -> Tensor:
    """Mean over channels of alpha * (1 - SSIM) / 2 + (1 - alpha) * |difference| (Godard et al., CVPR 2017, eq. 2)."""
    dissimilarity = ((1 - ssim(first, second)) / 2).clamp(0, 1)
    return alpha * dissimilarity.mean(1, keepdim=True) + (1 - alpha) * absolute_difference(first, second)


# By the name in configs: the function, and how many pixels beyond its own each value depends on.
DISSIMILARITIES = {"l2": (squared_difference, 0), "l1": (absolute_difference, 0), "ssim_l1": (ssim_l1, 1)}
