"""Pure geometry on numpy arrays and tensors; imports numpy and torch alone."""

from mdetools.geometry.alignment import (
    apply_scale_shift,
    invert,
    least_squares_scale_shift,
    median_scale,
    median_scale_shift,
)
from mdetools.geometry.calibration import SPACES, Space
from mdetools.geometry.crops import CROPS, KB_HEIGHT, KB_WIDTH, crop_box
from mdetools.geometry.disparity import depth_to_disparity, disparity_to_depth
from mdetools.geometry.distance import distance_to_depth
from mdetools.geometry.intrinsics import (
    camera_known,
    crop_intrinsics,
    fit_intrinsics,
    flip_intrinsics,
    focal_at_width,
    resize_intrinsics,
    right_known,
)
from mdetools.geometry.point_cloud import back_project, depth_jumps, grid_faces, usable_depth
from mdetools.geometry.points import crop_points, flip_points, resize_points, sample_at
from mdetools.geometry.projection import project_points
from mdetools.geometry.resizing import at_least_float32, resize_aligned, resize_centred, resize_disparity, shrink
from mdetools.geometry.robust_fit import robust_line
from mdetools.geometry.statistics import masked_mean, masked_median
from mdetools.geometry.warping import warp_horizontally

__all__ = [
    "SPACES",
    "Space",
    "CROPS",
    "KB_HEIGHT",
    "KB_WIDTH",
    "apply_scale_shift",
    "at_least_float32",
    "back_project",
    "camera_known",
    "right_known",
    "crop_box",
    "crop_intrinsics",
    "crop_points",
    "depth_jumps",
    "depth_to_disparity",
    "disparity_to_depth",
    "distance_to_depth",
    "fit_intrinsics",
    "flip_intrinsics",
    "flip_points",
    "focal_at_width",
    "grid_faces",
    "invert",
    "least_squares_scale_shift",
    "masked_mean",
    "masked_median",
    "median_scale",
    "median_scale_shift",
    "project_points",
    "resize_aligned",
    "resize_centred",
    "resize_disparity",
    "resize_intrinsics",
    "resize_points",
    "robust_line",
    "sample_at",
    "shrink",
    "usable_depth",
    "warp_horizontally",
]
