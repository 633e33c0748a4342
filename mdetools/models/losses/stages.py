"""What the losses over a pyramid of predictions share: which stage counts how much, and the images of its size."""

from collections.abc import Iterable, Iterator

import torch.nn.functional as F
from torch import Tensor

__all__ = ["area_pyramid", "area_resize", "stage_weights"]


def stage_weights(count: int, decay: float) -> list[float]:
    """Weights of the stages, finest first: each `decay` times that of the next finer one, 1 in all.

    Stages whose weight is 0 are left out. A decay of 1 is the mean over stages, 0 the finest alone.
    """
    weights = [decay**step for step in range(count) if decay**step > 0]
    return [weight / sum(weights) for weight in weights]


def area_resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Shrinks an image (B, C, H, W) to `size`, each pixel the mean of those that it covers, even in part."""
    height, width = size
    if image.shape[-2:] == (height, width):
        return image
    if image.shape[-2:] == (2 * height, 2 * width):
        # Halfway between two pixels, linear interpolation is their mean; torch computes it in half the time.
        return F.interpolate(image, (height, width), mode="bilinear", align_corners=False)
    return F.interpolate(image, (height, width), mode="area")


def area_pyramid(image: Tensor, sizes: Iterable[tuple[int, int]]) -> Iterator[Tensor]:
    """The image at each of the sizes, from fine to coarse, each shrunk from the one before by `area_resize`."""
    for size in sizes:
        image = area_resize(image, size)
        yield image
