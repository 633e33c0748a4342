"""RandAugment, by timm, without the operations that move pixels."""

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image

from mdetools.datasets.transforms.working_sample import transform_colors
from mdetools.errors import UserError, suggest
from mdetools.registry import TRANSFORMS

__all__ = ["RandAugment"]

COLOURS = (
    "AutoContrast",
    "Equalize",
    "Invert",
    "PosterizeIncreasing",
    "SolarizeIncreasing",
    "SolarizeAdd",
    "ColorIncreasing",
    "ContrastIncreasing",
    "BrightnessIncreasing",
    "SharpnessIncreasing",
)


@TRANSFORMS.register_module()
class RandAugment:
    """So many operations of a list, drawn at random, at one magnitude.

    Cubuk et al., "RandAugment", CVPR Workshops 2020, with `timm.data.auto_augment`'s operations. Those that move pixels
    (rotation, shear, translation) are not among them: depth and cameras would no longer fit; take `RandomZoom`,
    `RandomAspectCrop` and `RandomHorizontalFlip` for that. The right image of a stereo pair gets the same change.

    Args:
        count: N, operations per image.
        magnitude: M, 0 to 10.
        magnitude_std: deviation of the magnitude of each operation.
        prob: probability of each drawn operation.
        operations: names in timm that are drawn from.

    Raises:
        UserError: if there is no such operation, or a number is out of its range.
    """

    def __init__(
        self,
        count: int = 2,
        magnitude: float = 9.0,
        magnitude_std: float = 0.5,
        prob: float = 0.5,
        operations: Sequence[str] = COLOURS,
    ) -> None:
        from timm.data.auto_augment import rand_augment_ops

        for name in operations:
            if name not in COLOURS:
                raise UserError(f"RandAugment has no operation '{name}' of colour; {suggest(name, COLOURS)}")
        if count < 1 or not 0 <= magnitude <= 10:
            raise UserError(
                f"RandAugment: count is {count} and magnitude {magnitude}, expected 1 or more, and 0 to 10; set them so"
            )
        self.count = count
        hparams = {"magnitude_std": magnitude_std}
        self.operations = rand_augment_ops(magnitude, prob, hparams, list(operations))

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample with other colours."""
        chosen = [self.operations[at] for at in rng.integers(len(self.operations), size=self.count)]
        seed = int(rng.integers(2**32))
        return transform_colors(sample, lambda image: augment(image, chosen, seed))


def augment(image: np.ndarray, operations: Sequence, seed: int) -> np.ndarray:
    """The image (H, W, 3) uint8 after the operations, which depends on the arguments alone."""
    state = random.getstate()  # of the generator that timm draws of
    random.seed(seed)
    try:
        picture = Image.fromarray(image)
        for operation in operations:
            picture = operation(picture)
    finally:
        random.setstate(state)
    return np.asarray(picture).copy()
