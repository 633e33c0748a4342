"""Pure geometry on numpy arrays and tensors; imports numpy and torch alone."""

from mdetools.geometry.alignment import (
    apply_scale_shift,
    invert,
    least_squares_scale_shift,
    masked_mean,
    masked_median,
    median_scale,
    median_scale_shift,
)
from mdetools.geometry.intrinsics import crop_intrinsics, flip_intrinsics, resize_intrinsics

__all__ = [
    "apply_scale_shift",
    "crop_intrinsics",
    "flip_intrinsics",
    "invert",
    "least_squares_scale_shift",
    "masked_mean",
    "masked_median",
    "median_scale",
    "median_scale_shift",
    "resize_intrinsics",
]
