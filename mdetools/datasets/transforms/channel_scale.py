"""Colour channels times random factors."""

import cv2
import numpy as np

from mdetools.datasets.transforms.working_sample import transform_colors
from mdetools.registry import TRANSFORMS

__all__ = ["ChannelScale"]


@TRANSFORMS.register_module()
class ChannelScale:
    """Multiplies each colour channel by its own random factor, the same for both images of a stereo pair.

    The colour augmentation of Garg et al. (ECCV 2016). Values are rounded and clipped to uint8.

    Args:
        factor: range of the factors, uniform.
    """

    def __init__(self, factor: tuple[float, float] = (0.9, 1.1)) -> None:
        self.factor = factor

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample with other colours."""
        factors = rng.uniform(*self.factor, 3)
        table = np.rint(np.arange(256)[:, None] * factors).clip(0, 255).astype(np.uint8)[None]  # (1, 256, 3)
        return transform_colors(sample, lambda image: cv2.LUT(image, table))
