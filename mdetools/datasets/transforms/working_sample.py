"""The keys of a working sample that have an array a pixel, and how a transform changes them together."""

from collections.abc import Callable

import numpy as np
from torch import Tensor

__all__ = ["IMAGES", "MAPS", "apply_to"]

IMAGES = ("image", "image_right")  # uint8 (H, W, 3)
MAPS = ("depth", "inverse_depth", "valid_mask")  # (H, W)


def apply_to(sample: dict, keys: tuple[str, ...], change: Callable[[np.ndarray], np.ndarray | Tensor]) -> dict:
    """The arrays of `sample` under those of `keys` that it has, each changed."""
    return {key: change(sample[key]) for key in keys if key in sample}
