"""Which samples of a batch a step is for."""

from collections.abc import Mapping

import torch
from torch import Tensor

from mdetools.errors import UserError, suggest

__all__ = ["UNLABELLED", "check_part", "chosen_samples", "clean_or_image", "next_of"]

UNLABELLED = "unlabelled"


def check_part(on: str | None, what: str) -> str | None:
    """Returns the part of the batch that a step is for, None for all of it; `what` is the step's name.

    Raises:
        UserError: if it is no part.
    """
    if on not in (None, UNLABELLED):
        raise UserError(f"{what} got on='{on}'; {suggest(str(on), [UNLABELLED, 'None'])}")
    return on


def chosen_samples(targets: Mapping, on: str | None, what: str) -> Tensor:
    """Which samples are of a part, bool (B,) on the batch's device.

    Args:
        targets: a `Targets`.
        on: "unlabelled", or None for all.
        what: the step's name, for the error.

    Raises:
        UserError: if the batch does not say which samples are unlabelled.
    """
    if on is None:
        return torch.ones(len(targets["image"]), dtype=torch.bool, device=targets["image"].device)
    if on not in targets:
        raise UserError(
            f"{what} is for the unlabelled samples, and the batch has no '{on}' (it has {', '.join(targets)}); "
            "take images from ImageFolderDataset, or leave the step out"
        )
    return targets[on]


def clean_or_image(targets: Mapping) -> Tensor:
    """The images (B, 3, H, W) without perturbations: `image_clean`, or `image` for samples that have none.

    In a batch of several data sets those without a `CleanView` in their pipeline have a black hole there.

    Args:
        targets: a `Targets`.
    """
    image, clean = targets["image"], targets.get("image_clean")
    return image if clean is None else torch.where(clean.flatten(1).any(1).view(-1, 1, 1, 1), clean, image)


def next_of(chosen: Tensor) -> Tensor:
    """For each chosen sample the next one that is chosen, in a circle; for the others itself.

    >>> next_of(torch.tensor([True, False, True, True])).tolist()
    [2, 1, 3, 0]

    Args:
        chosen: bool (B,), on any device; nothing waits for it.

    Returns:
        (B,) int64.
    """
    first = torch.argsort((~chosen).byte(), stable=True)  # the chosen ones, in their order, then the others
    following = (chosen.cumsum(0) % chosen.sum().clamp(min=1)).clamp(max=len(chosen) - 1)
    return torch.where(chosen, first[following], torch.arange(len(chosen), device=chosen.device))
