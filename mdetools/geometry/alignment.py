"""Scale and shift that bring a prediction to its target, in closed form, on masked pixels, one pair per image.

Every function takes float32 or float64 tensors whose first axis is the batch; all other axes are pixels. None of them
waits for the device: masks are never indexed with.
"""

import torch
from torch import Tensor

from mdetools.geometry.statistics import masked_mean, masked_median

__all__ = [
    "apply_scale_shift",
    "invert",
    "least_squares_scale_shift",
    "median_scale",
    "median_scale_shift",
]


def median_scale(prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Scale that gives the prediction the target's median (Zhou et al., CVPR 2017, section 4.1).

    Args:
        prediction: (B, ...), depth of unknown scale.
        target: (B, ...), metres.
        mask: bool (B, ...).

    Returns:
        (B,) scale; 1 where the median of the prediction is not positive or no pixel is valid.
    """
    predicted = masked_median(prediction, mask)
    defined = (predicted > 0) & mask.flatten(1).any(1)
    return torch.where(defined, masked_median(target, mask) / torch.where(defined, predicted, 1), 1)


def median_scale_shift(prediction: Tensor, target: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift that give the prediction the target's median and mean absolute deviation from it.

    Source: Ranftl et al., "Towards Robust Monocular Depth Estimation" (TPAMI 2020), equation 5.

    Args:
        prediction: (B, ...), any unit.
        target: (B, ...), the unit wanted.
        mask: bool (B, ...).

    Returns:
        (B,) scale and (B,) shift. A constant prediction gets scale 0 and the target's median as shift; an image without
        valid pixels gets 1 and 0.
    """
    centre, target_centre = masked_median(prediction, mask), masked_median(target, mask)
    spread = masked_mean((prediction - _pixelwise(centre, prediction)).abs(), mask)
    target_spread = masked_mean((target - _pixelwise(target_centre, target)).abs(), mask)
    constant = spread <= _rounding(centre)
    scale = torch.where(constant, 0, target_spread / torch.where(constant, 1, spread))
    return _identity_where_empty(scale, target_centre - scale * centre, mask)


def least_squares_scale_shift(prediction: Tensor, target: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift that minimise the squared error of `scale * prediction + shift` (Ranftl et al., equation 4).

    Solved around the means (slope = covariance / variance), which keeps float32 exact enough where the normal
    equations cancel.

    Args:
        prediction: (B, ...), any unit.
        target: (B, ...), the unit wanted.
        mask: bool (B, ...).

    Returns:
        (B,) scale and (B,) shift. A constant prediction gets scale 0 and the target's mean as shift; an image without
        valid pixels gets 1 and 0.
    """
    mean, target_mean = masked_mean(prediction, mask), masked_mean(target, mask)
    deviation = prediction - _pixelwise(mean, prediction)
    covariance = masked_mean(deviation * (target - _pixelwise(target_mean, target)), mask)
    variance = masked_mean(deviation.square(), mask)
    constant = variance <= _rounding(mean).square()
    scale = torch.where(constant, 0, covariance / torch.where(constant, 1, variance))
    return _identity_where_empty(scale, target_mean - scale * mean, mask)


def apply_scale_shift(values: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """`scale * values + shift` of each image: (B, ...), with (B,) and (B,)."""
    return _pixelwise(scale, values) * values + _pixelwise(shift, values)


def invert(values: Tensor, smallest: float) -> Tensor:
    """Reciprocal, with everything below `smallest` (negative values too) raised to it: depth <-> inverse depth.

    Args:
        values: any shape; depth in metres, or inverse depth in 1 / metres.
        smallest: positive, in the unit of `values`; the result is at most its reciprocal.
    """
    return values.clamp_min(smallest).reciprocal()


def _pixelwise(per_image: Tensor, like: Tensor) -> Tensor:
    return per_image.reshape(-1, *[1] * (like.ndim - 1))


def _rounding(centre: Tensor) -> Tensor:
    """Deviations around `centre` up to this size are the rounding of a constant."""
    return 16 * torch.finfo(centre.dtype).eps * centre.abs()


def _identity_where_empty(scale: Tensor, shift: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    filled = mask.flatten(1).any(1)
    return torch.where(filled, scale, 1), torch.where(filled, shift, 0)
