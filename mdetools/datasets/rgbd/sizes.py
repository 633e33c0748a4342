"""Depth of another resolution than its image."""

import cv2
import numpy as np

from mdetools.datasets.checks import same_aspect, size_cure
from mdetools.datasets.transforms.geometric import resize_area
from mdetools.errors import UserError
from mdetools.geometry import resize_intrinsics

__all__ = ["SIZES", "intrinsics_at", "to_common_size"]

SIZES = ("image", "depth")


def intrinsics_at(intrinsics: np.ndarray | None, old: tuple[int, int], new: tuple[int, int]) -> np.ndarray | None:
    """Intrinsics (3, 3) of an image of size `old` (H, W) at the size `new`; None stays None."""
    if intrinsics is None or old == new:
        return intrinsics
    return resize_intrinsics(intrinsics, new[1] / old[1], new[0] / old[0])


def to_common_size(
    image: np.ndarray, depth: np.ndarray, match_size: str | None, path: str
) -> tuple[np.ndarray, np.ndarray]:
    """An image and its depth at one size.

    Args:
        image: (H, W, 3), RGB.
        depth: (h, w) of the same view.
        match_size: whose size both get, `image` (depth is repeated, or left out, by the nearest pixel) or `depth` (the
            image is averaged); None refuses sizes that differ.
        path: of the depth, for errors.

    Raises:
        UserError: if the sizes differ and none was chosen, or the aspects differ.
    """
    wanted, found = image.shape[:2], depth.shape
    if wanted == found:
        return image, depth
    sizes = f"{path}: depth is {found[0]}x{found[1]} and the image {wanted[0]}x{wanted[1]} (height x width)"
    if not same_aspect(found, wanted):
        cure = size_cure(found, wanted, "register the depth to the image")
        raise UserError(f"{sizes}, expected the same aspect, as both show the same; {cure}")
    if match_size is None:
        raise UserError(
            f"{sizes}, expected one size; set match_size='image' or 'depth', whose size both get, or register the depth"
        )
    if match_size == "depth":
        return resize_area(image, *found), depth
    return image, cv2.resize(depth, wanted[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
