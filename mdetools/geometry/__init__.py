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
from mdetools.geometry.disparity import depth_to_disparity, disparity_to_depth, resize_disparity
from mdetools.geometry.intrinsics import crop_intrinsics, fit_intrinsics, flip_intrinsics, resize_intrinsics
from mdetools.geometry.projection import project_points
from mdetools.geometry.warping import warp_horizontally

__all__ = [
    "apply_scale_shift",
    "crop_intrinsics",
    "depth_to_disparity",
    "disparity_to_depth",
    "fit_intrinsics",
    "flip_intrinsics",
    "invert",
    "least_squares_scale_shift",
    "masked_mean",
    "masked_median",
    "median_scale",
    "median_scale_shift",
    "project_points",
    "resize_disparity",
    "resize_intrinsics",
    "warp_horizontally",
]
