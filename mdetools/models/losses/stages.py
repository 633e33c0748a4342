"""What the losses over a pyramid of predictions share: which stage counts how much, and the images of its size."""

from collections.abc import Iterable, Iterator, Sequence

from torch import Tensor

from mdetools.geometry import shrink

__all__ = ["over_stages", "shrunk", "stage_weights"]


def stage_weights(count: int, decay: float) -> list[float]:
    """Weights of the stages, finest first: each `decay` times that of the next finer one; they sum to 1.

    Stages whose weight is 0 are left out. A decay of 1 is the mean over stages, 0 the finest alone.

    >>> stage_weights(2, 0.5)
    [0.6666666666666666, 0.3333333333333333]
    """
    weights = [decay**step for step in range(count) if decay**step > 0]
    return [weight / sum(weights) for weight in weights]


def shrunk(image: Tensor, sizes: Iterable[tuple[int, int]]) -> Iterator[Tensor]:
    """The image at each of the sizes, from fine to coarse, each shrunk from the one before."""
    for size in sizes:
        image = shrink(image, size)
        yield image


def over_stages(pyramid: Sequence[Tensor], decay: float, *images: Tensor) -> Iterator[tuple]:
    """Goes through a pyramid of predictions.

    Args:
        pyramid: maps (B, 1, h, w), fine to coarse.
        decay: see `stage_weights`.
        images: (B, C, H, W), shrunk to each map's size.

    Yields:
        The stage's weight, its map, and the images at its size; stages of weight 0 are left out.
    """
    sizes = [values.shape[-2:] for values in pyramid]
    small = (shrunk(image, sizes) for image in images)
    # The weights end where the stages no longer count.
    return zip(stage_weights(len(sizes), decay), pyramid, *small, strict=False)
