"""How a prediction is fitted to the true depth before it is compared."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from mdetools.geometry import least_squares_scale_shift, masked_mean, median_scale, median_scale_shift

__all__ = ["ALIGNMENTS", "Alignment"]

Fit = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Alignment:
    """One way of fitting, for each image by itself.

    Attributes:
        description: as it is printed beside results.
        inverse: whether inverse depths are fitted to each other, in place of depths.
        fit: from prediction, truth and mask (B, ...) to scale and shift (B,); None fits nothing.
    """

    description: str
    inverse: bool = False
    fit: Fit | None = None


def scale_by_medians(prediction: Tensor, truth: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """`median_scale`, and a shift of 0."""
    scale = median_scale(prediction, truth, mask)
    return scale, scale.new_zeros(scale.shape)


def rising_least_squares(prediction: Tensor, truth: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Least squares with a scale of 0 or more: where the best line falls, the best constant. No map is turned over.

    >>> truth = torch.tensor([[1.0, 2.0, 6.0]])
    >>> rising_least_squares(-truth, truth, truth > 0)
    (tensor([0.]), tensor([3.]))

    Args:
        prediction: (B, ...), any unit.
        truth: (B, ...), the unit wanted.
        mask: bool (B, ...).

    Returns:
        (B,) scale and (B,) shift; the minimum of the squared error among all scales from 0 on.
    """
    scale, shift = least_squares_scale_shift(prediction, truth, mask)
    return scale.clamp_min(0), torch.where(scale < 0, masked_mean(truth, mask), shift)


ALIGNMENTS = {
    "none": Alignment("none"),
    "median_depth": Alignment("scale by medians, in depth", False, scale_by_medians),
    "median_disparity": Alignment(
        "scale and shift by median and mean absolute deviation, in inverse depth", True, median_scale_shift
    ),
    "lstsq_depth": Alignment("scale >= 0 and shift by least squares, in depth", False, rising_least_squares),
    "lstsq_disparity": Alignment("scale >= 0 and shift by least squares, in inverse depth", True, rising_least_squares),
}
