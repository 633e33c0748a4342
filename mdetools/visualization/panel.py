"""Panels that show image, ground truth, prediction and error side by side, and the tiles that they are made of."""

import cv2
import numpy as np

from mdetools.visualization.canvas import resize_map, resize_points
from mdetools.visualization.colorbar import draw_colorbar
from mdetools.visualization.colormap import colorize
from mdetools.visualization.layout import EDGE, Tile, compose, tile_size

__all__ = [
    "color_tile",
    "comparison_tiles",
    "depth_panel",
    "depth_range",
    "image_tile",
    "map_tile",
    "relative_error",
]

DEPTH_CMAP, ERROR_CMAP = "Spectral", "magma"
ERROR_MAX = 0.3  # abs_rel error of the last colour
SPARSE = 0.3  # a smaller share of valid pixels is sparse: a LiDAR's points, not a depth camera's holes


def depth_range(depth: np.ndarray, valid_mask: np.ndarray) -> tuple[float, float]:
    """The 1st and 99th percentile of the valid values, set apart if equal; (0, 1) if there is none."""
    known = depth[valid_mask]
    if not known.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(known, (1, 99)))
    return (low, high) if high - low > 1e-3 * max(abs(high), 1e-6) else (low - 0.5, low + 0.5)


def depth_panel(
    image: np.ndarray,
    ground_truth: np.ndarray | None,
    valid_mask: np.ndarray | None,
    prediction: np.ndarray,
    relative: bool = False,
) -> np.ndarray:
    """Draws image, ground truth, prediction and abs_rel error, with titles and colour bars.

    Ground truth and prediction share one range, taken from the ground truth (if all of it is invalid, from the
    prediction); the error's range is fixed, so that panels can be compared. Near is red, far is violet; invalid pixels
    are grey. The points of a sparse ground truth are drawn larger than they are. Without ground truth only image and
    prediction are drawn.

    Args:
        image: uint8 (H, W, 3), RGB.
        ground_truth: float (h, w), metres, of any size; 0 where unknown; None if there is none.
        valid_mask: bool (h, w), where the ground truth is known; None if there is none.
        prediction: float (h', w'), of any size: metres; for a relative model, depth that the caller aligned with the
            ground truth or, without ground truth, inverse depth.
        relative: the model predicts relative depth; the title says so.

    Returns:
        uint8 (H', W', 3), RGB, white around; tiles have about the area of 320x240 pixels and the image's aspect.
    """
    size = tile_size(*image.shape[:2])
    if ground_truth is not None:
        title = "Prediction (relative, aligned)" if relative else "Prediction"
        compared = comparison_tiles(ground_truth, valid_mask, prediction, size, title)
        return compose([[image_tile("Image", image, size), *compared]])
    title = "Prediction (relative)" if relative else "Prediction"
    # Inverse depth grows towards the camera: reversed colours keep near red.
    cmap, unit = (DEPTH_CMAP + "_r", "") if relative else (DEPTH_CMAP, "m")
    return compose([[image_tile("Image", image, size), map_tile(title, prediction, size, cmap, unit)]])


def image_tile(title: str, image: np.ndarray, size: tuple[int, int]) -> Tile:
    """An image uint8 (H, W, 3), resized to (height, width)."""
    height, width = size
    method = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    return Tile(title, cv2.resize(image, (width, height), interpolation=method))


def map_tile(title: str, values: np.ndarray, size: tuple[int, int], cmap: str, unit: str) -> Tile:
    """A dense map (h, w) in its own range, resized to (height, width), with its bar; what is not finite is grey."""
    known = np.isfinite(values)
    return color_tile(title, resize_map(values, known, size), *depth_range(values, known), cmap, unit)


def color_tile(
    title: str, resized: tuple[np.ndarray, np.ndarray], low: float, high: float, cmap: str, unit: str | None = None
) -> Tile:
    """Values and mask, coloured from low to high; with a bar if there is a unit, which may be empty."""
    values, known = resized
    bar = None if unit is None else draw_colorbar(len(values), low, high, cmap, unit, EDGE)
    return Tile(title, colorize(values, low, high, cmap, known), bar)


def comparison_tiles(
    ground_truth: np.ndarray, valid_mask: np.ndarray, prediction: np.ndarray, size: tuple[int, int], title: str
) -> list[Tile]:
    """Ground truth and prediction in one range, and the abs_rel error with its mean; see `depth_panel`.

    Args:
        ground_truth: float (h, w), metres.
        valid_mask: bool (h, w).
        prediction: float (h', w'), metres.
        size: (height, width) of the tiles.
        title: of the prediction.

    Returns:
        Three tiles; the second and the third have a bar.
    """
    everywhere = np.isfinite(prediction)
    ranged = (ground_truth, valid_mask) if valid_mask.any() else (prediction, everywhere)
    scale = (*depth_range(*ranged), DEPTH_CMAP)
    error, known = relative_error(ground_truth, valid_mask, prediction)
    mean = f", mean {error[known].mean():.3f}" if known.any() else ": no valid pixel"
    if valid_mask.mean() < SPARSE:
        truth, error = (
            resize_points(values, mask, size, ground_truth)
            for values, mask in ((ground_truth, valid_mask), (error, known))
        )
    else:
        truth, error = resize_map(ground_truth, valid_mask, size), resize_map(error, known, size)
    return [
        color_tile("Ground truth", truth, *scale),
        color_tile(title, resize_map(prediction, everywhere, size), *scale, "m"),
        color_tile(f"Abs. rel. error{mean}", error, 0, ERROR_MAX, ERROR_CMAP, ""),
    ]


def relative_error(
    ground_truth: np.ndarray, valid_mask: np.ndarray, prediction: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """|prediction - ground truth| / ground truth at the ground truth's size, and where it is known."""
    height, width = ground_truth.shape
    if prediction.shape != ground_truth.shape:
        prediction = cv2.resize(prediction.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    known = valid_mask & np.isfinite(prediction)
    safe = np.where(known, ground_truth, 1)
    return np.where(known, np.abs(prediction - safe) / safe, 0), known
