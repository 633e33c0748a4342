"""Averaging a prediction with that of the mirrored image."""

import torch
from torch import Tensor

from mdetools.contract import Prediction, quantity_of

__all__ = ["MERGES", "merge_flipped", "merge_mean", "merge_stereo"]


def merge_mean(straight: Tensor, flipped: Tensor) -> Tensor:
    """The mean of two maps."""
    return (straight + flipped) / 2


def merge_stereo(straight: Tensor, flipped: Tensor) -> Tensor:
    """Godard et al., CVPR 2017, section 3.3: the mean, but at the sides the map that knows them better.

    A network trained on the right image of a pair cannot learn what that image does not show: a strip at the left
    side, and behind objects on their left. In the mirrored image the strip is at the right. So the left 5 % of the
    width come from the mirrored image, the right 5 % from the straight one, with ramps as wide into the mean.

    Args:
        straight: (B, 1, H, W), predicted for the image.
        flipped: (B, 1, H, W), predicted for the mirrored image, and mirrored back.

    Returns:
        (B, 1, H, W).
    """
    across = torch.linspace(0, 1, straight.shape[-1], device=straight.device)
    at_left = 1 - (20 * (across - 0.05)).clamp(0, 1)
    at_right = at_left.flip(-1)
    return at_left * flipped + at_right * straight + (1 - at_left - at_right) * merge_mean(straight, flipped)


MERGES = {"mean": merge_mean, "stereo": merge_stereo}


def merge_flipped(straight: Prediction, flipped: Prediction, how: str) -> Prediction:
    """Merges the predictions for an image and for the mirrored image.

    Args:
        straight: for the image.
        flipped: for the mirrored image, as the head gave it.
        how: a name in `MERGES`; what has no width, such as scores, is averaged in any case.

    Returns:
        The quantity alone, of its own shape, float32.
    """
    quantity = quantity_of(straight)
    mirrored_back = quantity.mirror(flipped[quantity.name].float())
    values = straight[quantity.name].float()
    merge = MERGES[how] if values.ndim == 4 else merge_mean
    return {quantity.name: merge(values, mirrored_back)}
