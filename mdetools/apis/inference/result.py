"""What a prediction is, and of what."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Result"]


@dataclass(frozen=True, eq=False)
class Result:
    """What a model predicts of one picture.

    >>> result = Result("depth", "m", size=(1, 2), map=np.array([[1.5, 2.0]], np.float32))
    >>> f"{result.map.max():g} {result.unit}"
    '2 m'

    Attributes:
        quantity: what `map` or `scores` holds, a key of `mdetools.contract.QUANTITIES`. A disparity whose camera is
            known has become `depth`.
        unit: of its values; empty where they have none, as relative depth has none.
        size: (H, W) of the picture, pixels.
        map: float32 (H, W) at the picture's size; of `logits` the class of each pixel, int32; (K, H, W) of a quantity
            of several channels. None if the model predicts none.
        scores: float32 (K,) of a classifier; else None.
        focal_length: in pixels of the picture; None if it is not known.
        path: of the picture's file; None of what comes from memory.
        frame: number of a video's frame, from 0; None of a picture.
        intrinsics: float64 (3, 3), in pixels of the picture; None if its camera is not known.
        image: the picture, uint8 (H, W, 3), RGB, where it was asked for (`keep_images`).
    """

    quantity: str
    unit: str
    size: tuple[int, int]
    map: np.ndarray | None = None
    scores: np.ndarray | None = None
    focal_length: float | None = None
    path: str | None = None
    frame: int | None = None
    intrinsics: np.ndarray | None = None
    image: np.ndarray | None = None
