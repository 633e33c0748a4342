"""Trimmed losses: the pixels that fit worst are left out, for what is wrong in the labels is among them."""

import math

import torch
from torch import Tensor

from mdetools.errors import UserError

__all__ = ["check_trim", "without_largest"]


def check_trim(trim: float) -> float:
    """Returns the share of the pixels that a loss leaves out.

    Raises:
        UserError: if it is no share.
    """
    if not 0 <= trim < 1:
        raise UserError(f"a loss got trim={trim}; expected the share of the pixels to leave out: 0 or more, below 1")
    return trim


@torch.no_grad()
def without_largest(values: Tensor, mask: Tensor, trim: float) -> Tensor:
    """Takes the largest values of each row out of its mask.

    Of n valid entries, floor((1 - trim) n) stay, and at least one. So MiDaS (Ranftl et al., TPAMI 2022, eq. 7, trim
    0.2) has it; and so many are below the quantile v of Depth Anything V2's L[L < v] (trim 0.1; issue 108 of its
    repository). Of equal values at the limit, any may stay.

    >>> values = torch.tensor([[1.0, 5.0, 2.0, 9.0]])
    >>> without_largest(values, values < 9, trim=0.3)
    tensor([[ True, False,  True, False]])

    Args:
        values: (R, N), without a sign: absolute or squared residuals.
        mask: bool (R, N).
        trim: share of each row's valid entries to leave out, 0 or more and below 1.

    Returns:
        bool (R, N).
    """
    if trim == 0 or values.shape[1] == 0:
        return mask
    count = mask.sum(1, keepdim=True)
    # The product of a decimal such as 0.7 and a count can come out just below the integer that it is.
    stay = (count.double() * (1 - trim) + 1e-6).long().clamp(min=1)
    # Selecting the largest is several times faster than sorting all.
    most = min(math.floor(trim * values.shape[1]) + 1, values.shape[1])
    largest = values.where(mask, -torch.inf).topk(most, dim=1).indices
    leave = torch.arange(most, device=values.device) < count - stay
    return mask.scatter(1, largest, mask.gather(1, largest) & ~leave)
