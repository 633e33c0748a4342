"""Losses of a part of a batch: of the labelled samples, or of the unlabelled ones."""

from collections.abc import Mapping

from torch import Tensor

from mdetools.errors import UserError, suggest

__all__ = ["PARTS", "among", "check_part"]

PARTS = ("labelled", "unlabelled")


def check_part(on: str | None) -> str | None:
    """Returns the part of the batch that a loss is for, None for all of it.

    Raises:
        UserError: if it is no part.
    """
    if on is not None and on not in PARTS:
        raise UserError(f"a loss got on='{on}'; {suggest(on, [*PARTS, 'None'])}")
    return on


def among(mask: Tensor, targets: Mapping, on: str | None) -> Tensor:
    """A mask of what counts, narrowed to the samples of a part of the batch.

    >>> import torch
    >>> among(torch.tensor([True, True]), {"unlabelled": torch.tensor([False, True])}, "labelled")
    tensor([ True, False])

    Args:
        mask: bool (B, ...).
        targets: a `Targets`; one without `unlabelled` is all labelled.
        on: one of `PARTS`, or None for all samples.

    Returns:
        bool, of the mask's shape.
    """
    if on is None:
        return mask
    unlabelled = targets.get("unlabelled", mask.new_zeros(len(mask)))
    chosen = unlabelled if on == "unlabelled" else ~unlabelled
    return mask & chosen.view(-1, *[1] * (mask.ndim - 1))
