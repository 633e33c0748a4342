"""Pure geometry on numpy arrays and tensors; imports numpy and torch alone."""

from mdetools.geometry.intrinsics import crop_intrinsics, flip_intrinsics, resize_intrinsics

__all__ = ["crop_intrinsics", "flip_intrinsics", "resize_intrinsics"]
