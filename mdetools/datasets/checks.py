"""What data sets check of the arrays that they have loaded, before anything is made of them."""

from pathlib import Path

import numpy as np

from mdetools.errors import UserError, one_line

__all__ = [
    "NAME_HOLES",
    "as_metres",
    "check_baseline",
    "check_depth",
    "check_image",
    "check_intrinsics",
    "check_pair",
    "check_relative",
    "same_aspect",
    "size_cure",
]

# What to do about values that are no depth, where the data set has the option.
NAME_HOLES = "name these values in holes=[...], or set the pixels to 0 in the file"

ASPECT_TOLERANCE = 0.02  # 1296x968 and 640x480, which ScanNet's cameras have, differ by 0.004
LARGEST = 1e6  # pixels of a focal length and of a principal point; a telescope has 1e5
NEAREST = 1e-6  # metres between two cameras
FARTHEST = 1e3


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


def check_depth(
    depth: np.ndarray, path: str, image: np.ndarray | None = None, advice: str = "set these pixels to 0 in the file"
) -> None:
    """Checks a depth map as it was loaded.

    Args:
        depth: (H, W), metres, 0 where there is no measurement.
        path: what to call it in the error.
        image: (H, W, 3), the image it belongs to.
        advice: what to do about values that are no depth.

    Raises:
        UserError: if it holds NaN, infinite or negative values, or has not the image's size.
    """
    if depth.ndim != 2 or (image is not None and depth.shape != image.shape[:2]):
        expected = "(H, W)" if image is None else f"{image.shape[:2]}, as the image"
        size = depth.shape if image is None else image.shape[:2]
        cure = size_cure(depth.shape, size, "register the depth to the image")
        raise UserError(f"{path}: depth has shape {depth.shape}, expected {expected}; {cure}")
    if depth.size and not (depth.min() >= 0 and depth.max() < np.inf):  # False for NaN too
        counts = {"NaN": np.isnan(depth), "infinite": np.isinf(depth), "negative": np.isfinite(depth) & (depth < 0)}
        found = ", ".join(f"{mask.sum()} {kind}" for kind, mask in counts.items() if mask.any())
        raise UserError(
            f"{path}: depth has {found} of {depth.size} values, expected metres with 0 where there is no measurement; "
            f"{advice}"
        )


def check_relative(inverse_depth: np.ndarray, path: str, image: np.ndarray) -> None:
    """Checks inverse depth of unknown scale and shift (H, W), NaN in holes, as it was loaded, against its image.

    Raises:
        UserError: if it holds infinite values, or has not the image's size (H, W, 3).
    """
    if inverse_depth.shape != image.shape[:2]:
        cure = size_cure(inverse_depth.shape, image.shape, "register it to the image")
        raise UserError(
            f"{path}: inverse depth has shape {inverse_depth.shape}, expected {image.shape[:2]}, as the image; {cure}"
        )
    infinite = np.isinf(inverse_depth)
    if infinite.any():
        raise UserError(
            f"{path}: inverse depth has {infinite.sum()} infinite of {infinite.size} values, expected finite ones, or "
            "NaN where there is none; write the file again"
        )


def check_intrinsics(intrinsics: np.ndarray, path: str) -> None:
    """Checks a camera matrix as it was loaded.

    Args:
        intrinsics: (3, 3), pixels.
        path: what to call it in the error.

    Raises:
        UserError: if it has another shape or last row, is not finite or beyond reason, or a focal length is
            not positive.
    """
    fine = intrinsics.shape == (3, 3) and np.isfinite(intrinsics).all() and np.abs(intrinsics).max() <= LARGEST
    if not fine or min(intrinsics[0, 0], intrinsics[1, 1]) <= 0 or intrinsics[2].tolist() != [0, 0, 1]:
        raise UserError(
            f"{path}: intrinsics are {one_line(intrinsics, 200)}, expected a 3x3 camera matrix "
            "[[fx, 0, cx], [0, fy, cy], [0, 0, 1]] in pixels; convert them, or leave them out"
        )


def check_baseline(baseline: float, path: str) -> None:
    """Checks the distance of the two cameras of a pair (metres) as it was loaded; `path` is its file's.

    Raises:
        UserError: if it is not positive, or beyond reason.
    """
    if not NEAREST <= baseline <= FARTHEST:
        raise UserError(
            f"{path}: the baseline is {baseline:.6g} m, expected a positive one, as the right camera stands to the "
            "right of the left one; copy the calibration again"
        )


def check_pair(image: np.ndarray, path: str | Path, other: np.ndarray, other_path: str | Path) -> None:
    """Checks that the two images of a pair have one size.

    Raises:
        UserError: if they have not.
    """
    if image.shape != other.shape:
        (height, width), (other_height, other_width) = image.shape[:2], other.shape[:2]
        raise UserError(
            f"{other_path}: is {other_height}x{other_width}, but {path} is {height}x{width}, expected one size for a "
            f"rectified pair; {size_cure(image.shape, other.shape, 'copy both from the same archive')}"
        )


def as_metres(depth: np.ndarray, path: str) -> np.ndarray:
    """Depth of any floating point type as float32; what float32 does not hold becomes infinite, see `check_depth`.

    Raises:
        UserError: if it is of another type.
    """
    if not np.issubdtype(depth.dtype, np.floating):
        raise UserError(f"{path}: depth is {depth.dtype}, expected floating point metres; convert the file")
    with np.errstate(over="ignore", invalid="ignore"):
        return depth.astype(np.float32, copy=False)


def same_aspect(size: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two sizes (H, W, ...) have the same aspect, as nearly as cameras keep it."""
    return abs(size[0] * other[1] / (size[1] * other[0]) - 1) <= ASPECT_TOLERANCE


def size_cure(size: tuple[int, ...], other: tuple[int, ...], otherwise: str) -> str:
    """What to do about sizes (H, W, ...) that differ: `otherwise`, unless height and width are swapped.

    >>> size_cure((640, 480), (3000, 4000), "copy both again")
    'the image may have an EXIF rotation, which data sets do not apply; save it rotated, or rotate the other'
    >>> size_cure((640, 480), (640, 512), "copy both again")
    'copy both again'
    """
    whole = min(len(size), len(other)) >= 2 and all((*size, *other))
    if whole and same_aspect(size, other[1::-1]) and not same_aspect(size, other):
        return "the image may have an EXIF rotation, which data sets do not apply; save it rotated, or rotate the other"
    return otherwise
