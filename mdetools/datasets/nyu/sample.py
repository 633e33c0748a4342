"""What the layouts of NYU Depth V2 share: the camera, and the checks of what was read."""

import numpy as np

from mdetools.datasets.checks import as_metres, check_depth, check_image, check_intrinsics
from mdetools.layouts.nyu import resized_nyu_intrinsics

__all__ = ["nyu_sample"]


def nyu_sample(image: np.ndarray, depth: np.ndarray, intrinsics: np.ndarray | None, name: str, path: str) -> dict:
    """A working sample of arrays as they were read, checked.

    Args:
        image: to be uint8 (H, W, 3), RGB.
        depth: (H, W) of a floating point type, metres, 0 = hole.
        intrinsics: (3, 3) in pixels of this image; None stands for the NYU camera's.
        name: the frame's id.
        path: what to call it in errors.

    Raises:
        UserError: if an array is not what was expected.
    """
    check_image(image, path)
    depth = as_metres(depth, path)
    check_depth(depth, path, image)
    if intrinsics is None:
        intrinsics = resized_nyu_intrinsics(*depth.shape)
    else:
        with np.errstate(over="ignore", invalid="ignore"):  # what float32 does not hold is not finite
            intrinsics = intrinsics.astype(np.float32)
        check_intrinsics(intrinsics, path)
    return {
        "image": image,
        "depth": depth,
        "valid_mask": depth > 0,
        "intrinsics": intrinsics,
        "meta": {"id": name, "path": path},
    }
