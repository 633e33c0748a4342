"""How a camera matrix follows its image through resize, crop and flip, and the focal length at a map's width.

Pixel centres lie at integer coordinates, so that an image of width W spans [-0.5, W - 0.5], as in `cv2.resize` and in
`interpolate(align_corners=False)`.
"""

import numpy as np
from torch import Tensor

__all__ = [
    "camera_known",
    "right_known",
    "crop_intrinsics",
    "fit_intrinsics",
    "flip_intrinsics",
    "focal_at_width",
    "resize_intrinsics",
]


def resize_intrinsics(intrinsics: np.ndarray, scale_x: float, scale_y: float) -> np.ndarray:
    """Intrinsics of an image resized by the given factors.

    Args:
        intrinsics: (3, 3), pixels of the image before.
        scale_x: new width / old width.
        scale_y: new height / old height.

    Returns:
        (3, 3), pixels of the image after.
    """
    resized = intrinsics.copy()
    resized[0, :2] *= scale_x
    resized[1, :2] *= scale_y
    resized[0, 2] = (intrinsics[0, 2] + 0.5) * scale_x - 0.5
    resized[1, 2] = (intrinsics[1, 2] + 0.5) * scale_y - 0.5
    return resized


def crop_intrinsics(intrinsics: np.ndarray, left: float, top: float) -> np.ndarray:
    """Intrinsics (3, 3) of the crop whose first pixel is (left, top) of the image before."""
    cropped = intrinsics.copy()
    cropped[0, 2] -= left
    cropped[1, 2] -= top
    return cropped


def fit_intrinsics(intrinsics: np.ndarray, size: tuple[int, int], height: int, width: int) -> np.ndarray:
    """Intrinsics (3, 3) of an image of `size` (H, W) resized to the new width, its aspect kept.

    A height of another aspect is cut, or extended, evenly at the top and at the bottom.
    """
    scale = width / size[1]
    intrinsics = resize_intrinsics(intrinsics, scale, scale)
    return crop_intrinsics(intrinsics, 0, (size[0] * scale - height) / 2)


def flip_intrinsics(intrinsics: np.ndarray, width: int) -> np.ndarray:
    """Intrinsics (3, 3) of the image of the given width after a left-right flip."""
    flipped = intrinsics.copy()
    flipped[0, 1] = 0 - intrinsics[0, 1]  # skew; 0 stays 0, and not -0
    flipped[0, 2] = width - 1 - intrinsics[0, 2]
    return flipped


def camera_known(intrinsics: Tensor, baseline: Tensor) -> Tensor:
    """Whether focal length and baseline of pairs are known: bool (B,), of (B, 3, 3) and (B,), NaN where unknown."""
    return (intrinsics[:, 0, 0] + baseline).isfinite()


def right_known(image_right: Tensor) -> Tensor:
    """Whether images have a right one: bool (B,), of (B, 3, H, W), all black where there is none."""
    return image_right.flatten(1).any(1)


def focal_at_width(intrinsics: Tensor, image_width: int, width: int) -> Tensor:
    """Horizontal focal length (B,) in pixels of a map of `width` that shows the whole image.

    Args:
        intrinsics: (B, 3, 3), pixels of the image.
        image_width: of the image, pixels.
        width: of the map, pixels.
    """
    return intrinsics[:, 0, 0] * (width / image_width)
