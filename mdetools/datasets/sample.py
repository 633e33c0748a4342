"""The working sample that every data set of images with depth gives, checked."""

import numpy as np

from mdetools.datasets.checks import as_metres, check_depth, check_image, check_intrinsics

__all__ = ["depth_sample"]


def depth_sample(
    image: np.ndarray,
    depth: np.ndarray,
    intrinsics: np.ndarray | None,
    name: str,
    path: str,
    advice: str = "set these pixels to 0 in the file",
) -> dict:
    """A working sample of arrays as they were read, checked.

    Args:
        image: to be uint8 (H, W, 3), RGB.
        depth: (H, W) of a floating point type, metres along the optical axis, 0 = hole.
        intrinsics: (3, 3) in pixels of this image; None leaves the key out.
        name: the frame's id.
        path: what to call it in errors.
        advice: what to do about depths that are NaN, infinite or negative.

    Raises:
        UserError: if an array is not what was expected.
    """
    check_image(image, path)
    depth = as_metres(depth, path)
    check_depth(depth, path, image, advice)
    sample = {"image": image, "depth": depth, "valid_mask": depth > 0, "meta": {"id": name, "path": path}}
    if intrinsics is not None:
        with np.errstate(over="ignore", invalid="ignore"):  # what float32 does not hold is not finite
            sample["intrinsics"] = intrinsics.astype(np.float32)
        check_intrinsics(sample["intrinsics"], path)
    return sample
