"""The image as it is before its colours change."""

import numpy as np

from mdetools.registry import TRANSFORMS

__all__ = ["CleanView"]


@TRANSFORMS.register_module()
class CleanView:
    """Keeps the image as `image_clean`, for a teacher, which is to see what the student sees without perturbations.

    Put it before the transforms of colour, which leave `image_clean` as it is. Flips, crops and resizes, before it or
    after it, treat both alike, so that the teacher's map fits the student's image pixel by pixel (Yang et al., "Depth
    Anything", CVPR 2024, section 3.2: strong perturbations for the student alone).

    >>> sample = CleanView()({"image": np.zeros((2, 3, 3), np.uint8), "meta": {}}, np.random.default_rng(0))
    >>> sorted(sample)
    ['image', 'image_clean', 'meta']
    """

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample with `image_clean`."""
        return {**sample, "image_clean": sample["image"]}
