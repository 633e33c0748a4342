"""How a prediction of unknown scale and shift is compared with its target: two alignments, by name.

Each takes rows (G, H, W), whose valid pixels share one scale and shift, computes in float32, and gives the residual
there, 0 elsewhere. What the mask leaves out may be anything.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from mdetools.errors import UserError, suggest
from mdetools.geometry import apply_scale_shift, least_squares_scale_shift, masked_mean

__all__ = [
    "ALIGNMENTS",
    "affine_normalize",
    "check_alignment",
    "least_squares_residual",
    "normalized_residual",
    "unit_range",
]


def affine_normalize(values: Tensor, mask: Tensor, eps: float = 1e-6) -> Tensor:
    """Shifts each row to zero median and scales it to unit mean absolute deviation, over its True entries.

    Source: MiDaS (Ranftl et al., TPAMI 2022), eq. 5. The median is the lower one of an even count, as `torch.median`'s.
    A row stands for whatever shares one scale and shift: an image, or a region of one.

    Args:
        values: (R, N), of any floating type.
        mask: (R, N), bool.
        eps: a row with a smaller mean absolute deviation is constant: it is shifted, not scaled.

    Returns:
        (R, N), float32; 0 where the mask is False. Gradients flow through median and deviation too.
    """
    values = values.float()
    # Per row nanmedian selects in linear time, which is several times cheaper than sorting.
    median = values.where(mask, values.new_full((), torch.nan)).nanmedian(dim=1, keepdim=True).values
    centred = (values - median).where(mask, values.new_zeros(()))
    deviation = masked_mean(centred.abs(), mask)[:, None]
    return centred / deviation.where(deviation > eps, torch.ones_like(deviation))


def normalized_residual(prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Difference of the two, each normalised by `affine_normalize` (MiDaS, eqs. 5 and 6); no unit."""
    rows, target_rows, valid = (values.flatten(1) for values in (prediction, target, mask))
    return (affine_normalize(rows, valid) - affine_normalize(target_rows, valid)).view(mask.shape)


def least_squares_residual(prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Error of scale * prediction + shift, with the two that make its squares least (MiDaS, eqs. 3 and 4).

    The unit is the target's. Gradients flow through scale and shift. Nothing keeps the scale positive: an inverted
    prediction fits as well as an upright one.
    """
    zero = torch.zeros((), device=mask.device)
    prediction, target = (values.float().where(mask, zero) for values in (prediction, target))
    scale, shift = least_squares_scale_shift(prediction, target, mask)
    return (apply_scale_shift(prediction, scale, shift) - target).where(mask, zero)


def unit_range(values: Tensor, mask: Tensor) -> Tensor:
    """Maps the valid pixels of each row to 0..1, which the targets of MiDaS and Depth Anything are; a constant to 0.

    Args:
        values: (G, H, W), of any floating type.
        mask: bool (G, H, W).

    Returns:
        (G, H, W), float32.
    """
    values = values.float()
    lowest = values.where(mask, torch.inf).amin((1, 2), keepdim=True)
    span = values.where(mask, -torch.inf).amax((1, 2), keepdim=True) - lowest
    return (values - lowest) / span.where(span > 0, 1)


ALIGNMENTS: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = MappingProxyType(
    {"median": normalized_residual, "least_squares": least_squares_residual}
)


def check_alignment(name: str) -> str:
    """Returns the name of an alignment.

    Raises:
        UserError: if there is none of this name.
    """
    if name not in ALIGNMENTS:
        raise UserError(f"a loss got alignment='{name}'; {suggest(name, ALIGNMENTS)}")
    return name
