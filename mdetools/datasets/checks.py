"""What data sets check of the arrays that they have loaded, before anything is made of them."""

import numpy as np

from mdetools.errors import UserError, one_line

__all__ = ["check_depth", "check_image", "check_intrinsics"]


def check_image(image: np.ndarray, path: str) -> None:
    """Checks an RGB image as it was loaded.

    Args:
        image: (H, W, 3), to be uint8.
        path: what to call it in the error.

    Raises:
        UserError: if it is not uint8, has not three channels, or no pixel.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UserError(
            f"{path}: the image has shape {image.shape} and type {image.dtype}, expected RGB of type uint8 with three "
            "channels; convert the file"
        )


def check_depth(depth: np.ndarray, path: str, image: np.ndarray | None = None) -> None:
    """Checks a depth map as it was loaded.

    Args:
        depth: (H, W), metres, 0 where there is no measurement.
        path: what to call it in the error.
        image: (H, W, 3), the image it belongs to.

    Raises:
        UserError: if it holds NaN, infinite or negative values, or has not the image's size.
    """
    if depth.ndim != 2 or (image is not None and depth.shape != image.shape[:2]):
        expected = "(H, W)" if image is None else f"{image.shape[:2]}, as the image"
        raise UserError(f"{path}: depth has shape {depth.shape}, expected {expected}; register the depth to the image")
    if depth.size and not (depth.min() >= 0 and depth.max() < np.inf):  # False for NaN too
        counts = {"NaN": np.isnan(depth), "infinite": np.isinf(depth), "negative": np.isfinite(depth) & (depth < 0)}
        found = ", ".join(f"{mask.sum()} {kind}" for kind, mask in counts.items() if mask.any())
        raise UserError(
            f"{path}: depth has {found} of {depth.size} values, expected metres with 0 where there is no measurement; "
            "set these pixels to 0 in the file"
        )


def check_intrinsics(intrinsics: np.ndarray, path: str) -> None:
    """Checks a camera matrix as it was loaded.

    Args:
        intrinsics: (3, 3), pixels.
        path: what to call it in the error.

    Raises:
        UserError: if it has another shape, is not finite, or a focal length is not positive.
    """
    if intrinsics.shape != (3, 3) or not np.isfinite(intrinsics).all() or min(intrinsics[0, 0], intrinsics[1, 1]) <= 0:
        raise UserError(
            f"{path}: intrinsics are {one_line(intrinsics)}, expected a 3x3 camera matrix "
            "[[fx, 0, cx], [0, fy, cy], [0, 0, 1]] in pixels; convert them, or leave them out for the NYU camera's"
        )
