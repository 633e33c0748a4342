"""Colour and noise, from albumentations."""

import inspect
import os
import random
from collections.abc import Sequence

import numpy as np

from mdetools.datasets.transforms.working_sample import transform_colors
from mdetools.errors import UserError, one_line, suggest
from mdetools.registry import TRANSFORMS

__all__ = ["Albumentations"]

DOCUMENTED = "see its documentation for what there is"


def build_photometric(config: dict):
    """Builds a photometric transform of albumentations from `dict(type=<class name>, **arguments)`.

    Raises:
        UserError: if there is no such class, it moves pixels, or it does not take these arguments.
    """
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or it asks a server for its newest version when imported
    import albumentations

    arguments = dict(config)
    name = arguments.pop("type", None)
    kind = getattr(albumentations, str(name), None)
    if not inspect.isclass(kind) or not issubclass(kind, albumentations.BasicTransform):
        raise UserError(f"albumentations has no transform '{name}'; {suggest(name, dir(albumentations), DOCUMENTED)}")
    if not issubclass(kind, albumentations.ImageOnlyTransform):
        raise UserError(
            f"albumentations' {name} moves pixels, which would leave the intrinsics untrue; use RandomHorizontalFlip, "
            "Resize or RandomCrop of mdetools in the pipeline, and only photometric ones in Albumentations"
        )
    known = list(inspect.signature(kind).parameters)
    for key in arguments:  # albumentations itself only warns of them
        if key not in known:
            raise UserError(f"albumentations' {name} takes no '{key}'; {suggest(key, known, DOCUMENTED)}")
    # Its ranges are checked as tuples, and a list in a config file is as good.
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    try:
        return kind(**arguments)
    except ValueError as error:
        raise UserError(f"albumentations' {name} refuses {arguments}: {one_line(error)}") from error


@TRANSFORMS.register_module()
class Albumentations:
    """Applies photometric transforms of albumentations in turn, seeded from the sample's generator.

    The right image of a stereo pair gets the same change as the left one, with the same parameters and, as noise is
    drawn from the same seed, the same noise at the same pixel.

    Args:
        transforms: such as `[dict(type="ColorJitter", hue=0.1), dict(type="GaussNoise", std_range=(0, 0.02))]`. Each
            has its own probability `p`, by default 0.5.

    Raises:
        UserError: if a transform is not known or not photometric, or does not take the given arguments.
    """

    opaque_arguments = ("transforms",)  # of albumentations; they are checked here, not against a registry

    def __init__(self, transforms: Sequence[dict]) -> None:
        self.transforms = [build_photometric(config) for config in transforms]

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample with other colours."""
        seed = int(rng.integers(2**32))
        return transform_colors(sample, lambda image: self.augment(image, seed))

    def augment(self, image: np.ndarray, seed: int) -> np.ndarray:
        """The image (H, W, 3) uint8 after all transforms, which depends on the two arguments alone."""
        generators = np.random.default_rng(seed), random.Random(seed)
        for transform in self.transforms:
            transform.set_random_state(*generators)
            image = transform(image=image)["image"]
        return image
