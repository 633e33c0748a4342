"""Averaging a prediction with that of the mirrored image."""

import torch
from torch import Tensor

from mdetools.contract import Prediction, quantity_of

__all__ = ["MERGES", "merge_flipped", "merge_mean", "merge_stereo"]


def merge_mean(values: Tensor, flipped: Tensor) -> Tensor:
    """The mean of two maps."""
    return (values + flipped) / 2


def merge_stereo(values: Tensor, flipped: Tensor) -> Tensor:
    """Godard et al., CVPR 2017, section 3.3: the mean, but at the sides the map that knows them better.

    A network trained on the right image of a pair cannot learn what that image does not show: a strip at the left
    side, and behind objects on their left. In the mirrored image the strip is at the right. So the left 5 % of the
    width come from the mirrored image, the right 5 % from the image itself, with ramps as wide into the mean.

    Args:
        values: (B, 1, H, W), predicted for the image.
        flipped: (B, 1, H, W), predicted for the mirrored image, and mirrored back.

    Returns:
        (B, 1, H, W).
    """
    across = torch.linspace(0, 1, values.shape[-1], device=values.device)
    at_left = 1 - (20 * (across - 0.05)).clamp(0, 1)
    at_right = at_left.flip(-1)
    return at_left * flipped + at_right * values + (1 - at_left - at_right) * merge_mean(values, flipped)


MERGES = {"mean": merge_mean, "stereo": merge_stereo}


def merge_flipped(prediction: Prediction, flipped: Prediction, method: str) -> Prediction:
    """Merges the predictions for an image and for the mirrored image.

    Args:
        prediction: for the image.
        flipped: for the mirrored image, as the head gave it.
        method: a name in `MERGES`; what has no width, such as scores, is averaged in any case.

    Returns:
        The quantity alone, of its own shape, float32.
    """
    quantity = quantity_of(prediction)
    mirrored_back = quantity.mirror(flipped[quantity.name].float())
    values = prediction[quantity.name].float()
    merge = MERGES[method] if values.ndim == 4 else merge_mean
    return {quantity.name: merge(values, mirrored_back)}
