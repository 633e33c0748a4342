"""How pixel positions follow their image through resize, crop and flip, and what a map is there.

Pixel centres lie at integer coordinates, so that an image of width W spans [-0.5, W - 0.5]. Positions are (x, y) along
the last axis of arrays of any other shape.
"""

import numpy as np
import torch
from torch import Tensor

__all__ = ["crop_points", "flip_points", "resize_points", "sample_at"]


def resize_points(points: np.ndarray, scale_x: float, scale_y: float) -> np.ndarray:
    """Positions (..., 2) in an image resized by the given factors, new size / old size.

    >>> resize_points(np.array([[0.0, 0.0]]), 2, 1)
    array([[0.5, 0. ]])
    """
    scale = np.array([scale_x, scale_y], points.dtype)
    return (points + points.dtype.type(0.5)) * scale - points.dtype.type(0.5)


def crop_points(points: np.ndarray, left: int, top: int, height: int, width: int) -> np.ndarray:
    """Positions in the window whose first pixel is (left, top).

    Args:
        points: (N, ..., 2), pixels of the image before.
        left: pixels.
        top: pixels.
        height: of the window, pixels.
        width: of the window, pixels.

    Returns:
        (M, ..., 2), pixels of the window: of N entries those all of whose positions lie in it.
    """
    moved = points - np.array([left, top], points.dtype)
    inside = (moved >= -0.5) & (moved <= np.array([width, height]) - 0.5)
    return moved[inside.all(axis=tuple(range(1, points.ndim)))]


def flip_points(points: np.ndarray, width: int) -> np.ndarray:
    """Positions (..., 2) in the image of the given width after a left-right flip."""
    flipped = points.copy()
    flipped[..., 0] = width - 1 - points[..., 0]
    return flipped


def sample_at(values: Tensor, points: Tensor, image_size: tuple[int, int]) -> Tensor:
    """The values of a map at the pixels in which positions of an image lie.

    Args:
        values: (C, h, w), a map of the whole image, of any size.
        points: (..., 2), (x, y) in pixels of the image; NaN where there is none.
        image_size: (H, W) of the image.

    Returns:
        (..., C), NaN where there is no point.
    """
    known = points.isfinite().all(-1)
    x, y = points.nan_to_num().unbind(-1)
    column = _nearest(x, values.shape[-1], image_size[1])
    row = _nearest(y, values.shape[-2], image_size[0])
    found = values[:, row, column].movedim(0, -1).float()
    return found.where(known[..., None], torch.nan)


def _nearest(position: Tensor, side: int, image_side: int) -> Tensor:
    """The index along a side of a map at a position along a side of the image; int64."""
    return ((position + 0.5) * (side / image_side) - 0.5).round().long().clamp(0, side - 1)
