"""What stereo losses share: the pyramid of disparities, the images of its sizes, and how much each stage counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from torch import Tensor

from mdetools.contract import quantity_of
from mdetools.geometry import depth_to_disparity, right_known, shrink
from mdetools.models.losses.inputs import camera_at_width, require_prediction, require_target

__all__ = ["disparity_pyramid", "over_stages", "pairs_among", "shrunk", "stage_weights"]


def disparity_pyramid(prediction: Mapping, targets: Mapping) -> tuple[list[Tensor], Tensor | None]:
    """The predicted disparities, fine to coarse: the head's `pyramid`, or its one map.

    Args:
        prediction: a `Prediction` with `disparity`, or with `depth`, which becomes disparity at each map's width.
        targets: a `Targets`; for a depth with `image`, `intrinsics` and `baseline`.

    Returns:
        Maps (B, 1, h, w), float32, each in pixels of its own width; and bool (B, 1, 1, 1), the images whose camera is
        known, where depth became disparity, else None.

    Raises:
        UserError: if the head gives neither, or the targets lack the camera that a depth needs.
    """
    quantity = quantity_of(prediction)
    finest = require_prediction(prediction, "depth" if quantity.name == "depth" else "disparity")
    pyramid = [values.float() for values in prediction.get("pyramid", [finest])]
    if quantity.name != "depth":
        return pyramid, None
    cameras = [camera_at_width(targets, depth.shape[-1]) for depth in pyramid]
    disparities = [depth_to_disparity(depth, *camera[:2]) for depth, camera in zip(pyramid, cameras, strict=True)]
    return disparities, cameras[0][2][:, None, None, None]


def pairs_among(targets: Mapping, known: Tensor | None) -> Tensor:
    """Which images of a batch are of a pair, of those that are `known` (None: all); bool (B, 1, 1, 1)."""
    there = right_known(require_target(targets, "image_right"))[:, None, None, None]
    return there if known is None else there & known


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
