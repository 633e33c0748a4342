"""The working sample that every data set of images with depth gives, checked."""

import numpy as np

from mdetools.datasets.checks import as_metres, check_depth, check_image, check_intrinsics, check_relative

__all__ = ["depth_sample", "relative_sample"]


def depth_sample(
    image: np.ndarray,
    depth: np.ndarray,
    intrinsics: np.ndarray | None,
    name: str,
    path: str,
    advice: str = "set these pixels to 0 in the file",
    sky: np.ndarray | None = None,
) -> dict:
    """A working sample of arrays as they were read, checked.

    Args:
        image: to be uint8 (H, W, 3), RGB.
        depth: (H, W) of a floating point type, metres along the optical axis, 0 = hole.
        intrinsics: (3, 3) in pixels of this image; None leaves the key out.
        name: the frame's id.
        path: what to call it in errors.
        advice: what to do about depths that are NaN, infinite or negative.
        sky: bool (H, W), which of the holes are infinitely far; None leaves the key out.

    Raises:
        UserError: if an array is not what was expected.
    """
    check_image(image, path)
    depth = as_metres(depth, path)
    check_depth(depth, path, image, advice)
    sample = {"image": image, "depth": depth, "valid_mask": depth > 0, "meta": {"id": name, "path": path}}
    if sky is not None:
        sample["sky"] = sky
    return sample | camera_entry(intrinsics, path)


def relative_sample(
    image: np.ndarray, inverse_depth: np.ndarray, intrinsics: np.ndarray | None, name: str, path: str
) -> dict:
    """A working sample whose ground truth is inverse depth of unknown scale and shift, checked.

    Args:
        image: to be uint8 (H, W, 3), RGB.
        inverse_depth: (H, W) float32, larger where nearer, NaN = hole.
        intrinsics: (3, 3) in pixels of this image; None leaves the key out.
        name: the frame's id.
        path: what to call it in errors.

    Raises:
        UserError: if an array is not what was expected.
    """
    check_image(image, path)
    check_relative(inverse_depth, path, image)
    valid = ~np.isnan(inverse_depth)
    values = np.where(valid, inverse_depth, np.float32(0))
    sample = {"image": image, "inverse_depth": values, "valid_mask": valid, "meta": {"id": name, "path": path}}
    return sample | camera_entry(intrinsics, path)


def camera_entry(intrinsics: np.ndarray | None, path: str) -> dict:
    """`intrinsics` (3, 3) of a working sample as float32, checked; nothing for None."""
    if intrinsics is None:
        return {}
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 does not hold is not finite
        matrix = intrinsics.astype(np.float32)
    check_intrinsics(matrix, path)
    return {"intrinsics": matrix}
