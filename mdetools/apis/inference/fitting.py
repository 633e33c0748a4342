"""Scale and shift between two maps of the same scene."""

import numpy as np
import torch

from mdetools.geometry import least_squares_scale_shift

__all__ = ["rising_fit"]


def rising_fit(values: np.ndarray, target: np.ndarray) -> tuple[np.float32, np.float32] | None:
    """Scale and shift that bring values nearest to a target by least squares.

    >>> rising_fit(np.array([0.0, 1.0]), np.array([2.0, 5.0]))
    (np.float32(3.0), np.float32(2.0))

    Args:
        values: of any shape.
        target: of the same.

    Returns:
        None if the scale is not above 0: the values are constant, or grow where the target falls.
    """
    one, other = (torch.from_numpy(np.asarray(array, np.float64).reshape(1, -1)) for array in (values, target))
    scale, shift = (float(found) for found in least_squares_scale_shift(one, other, torch.ones_like(one, dtype=bool)))
    return (np.float32(scale), np.float32(shift)) if scale > 0 else None
