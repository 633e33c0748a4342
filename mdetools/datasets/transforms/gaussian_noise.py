"""Sensor noise."""

import cv2
import numpy as np

from mdetools.datasets.transforms.working_sample import transform_colors
from mdetools.errors import UserError
from mdetools.registry import TRANSFORMS

__all__ = ["GaussianNoise"]


@TRANSFORMS.register_module()
class GaussianNoise:
    """Adds normal noise to every value of an image, rounded and clipped to uint8; both images of a pair get the same.

    The distribution is that of `GaussNoise` of albumentations, in about a third of its time: OpenCV draws whole numbers
    of grey levels, where the other draws float64 and converts.

    Args:
        std_range: range of the standard deviation, uniform, in fractions of the value range, within 0..1.
        prob: probability that a sample gets any.

    Raises:
        UserError: if the range is none.
    """

    def __init__(self, std_range: tuple[float, float] = (0.0, 5 / 255), prob: float = 0.5) -> None:
        low, high = std_range
        if not 0 <= low <= high <= 1:
            raise UserError(
                f"GaussianNoise: std_range is ({low}, {high}), expected 0 <= low <= high <= 1, fractions of the "
                "value range; divide grey levels by 255"
            )
        self.std_range = low, high
        self.prob = prob

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample with noise in its images, or as it was."""
        if rng.random() >= self.prob:
            return sample
        std, seed = 255 * rng.uniform(*self.std_range), int(rng.integers(2**31))

        def add_noise(image: np.ndarray) -> np.ndarray:
            noise = np.empty(image.shape, np.int16)
            cv2.setRNGSeed(seed)  # of this thread's generator, and the same again for the right image
            cv2.randn(noise.reshape(len(noise), -1), 0, std)  # of one channel: for three it would fill the first alone
            return cv2.add(image, noise, dtype=cv2.CV_8U)

        return transform_colors(sample, add_noise)
