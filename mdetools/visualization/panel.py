"""Panels of depth: image, ground truth, prediction and error side by side."""

import cv2
import numpy as np

from mdetools.contract import QUANTITIES
from mdetools.visualization.canvas import resize_map, resize_scattered
from mdetools.visualization.layout import Tile, compose, tile_size
from mdetools.visualization.prediction_panel import prediction_panel
from mdetools.visualization.tiles import ERROR_CMAP, color_tile, image_tile, map_cmap, percentile_range

__all__ = ["ERROR_MAX", "SPARSE", "comparison_tiles", "depth_panel", "measured_map", "relative_error"]

ERROR_MAX = 0.3  # abs_rel error of the last colour
SPARSE = 0.3  # a smaller share of valid pixels is sparse: a LiDAR's points, not a depth camera's holes


def depth_panel(
    image: np.ndarray,
    ground_truth: np.ndarray | None,
    valid_mask: np.ndarray | None,
    prediction: np.ndarray,
    relative: bool = False,
    counted: np.ndarray | None = None,
) -> np.ndarray:
    """Draws image, ground truth, prediction and abs_rel error, with titles and colour bars.

    Ground truth and prediction share one range, taken from the ground truth (if all of it is invalid, from the
    prediction); the error's range is fixed, so that panels can be compared. Near is red, far is violet; invalid pixels
    are grey. The points of a sparse ground truth are drawn larger than they are. Without ground truth only image and
    prediction are drawn.

    >>> image, depth = np.full((480, 640, 3), 7, np.uint8), np.full((480, 640), 2.0)
    >>> panel = depth_panel(image, depth, depth > 0, 1.1 * depth)
    >>> panel.shape[0], panel[36, 10].tolist()  # a row of tiles of 320x240, with titles
    (296, [7, 7, 7])

    Args:
        image: uint8 (H, W, 3), RGB.
        ground_truth: float (h, w), metres, of any size; 0 where unknown; None if there is none.
        valid_mask: bool (h, w), where the ground truth is known; None if there is none.
        prediction: float (h', w'), of any size: metres; for a relative model, depth that the caller aligned with the
            ground truth or, without ground truth, inverse depth.
        relative: the model predicts relative depth; the title says so.
        counted: bool (h, w), the pixels that the error and its mean are of, such as those of a metric's crop; None
            takes all valid ones.

    Returns:
        uint8 (H', W', 3), RGB, white around; tiles have about the area of 320x240 pixels and the image's aspect.
    """
    size = tile_size(*image.shape[:2])
    if ground_truth is None:
        return prediction_panel(image, prediction[None], QUANTITIES["inverse_depth" if relative else "depth"])
    title = "Prediction (relative, aligned)" if relative else "Prediction"
    compared = comparison_tiles(ground_truth, valid_mask, prediction, size, title, counted)
    return compose([[image_tile("Image", image, size), *compared]])


def comparison_tiles(
    ground_truth: np.ndarray,
    valid_mask: np.ndarray,
    prediction: np.ndarray,
    size: tuple[int, int],
    title: str,
    counted: np.ndarray | None = None,
) -> list[Tile]:
    """Ground truth and prediction in one range, and the abs_rel error with its mean; see `depth_panel`.

    Args:
        ground_truth: float (h, w), metres.
        valid_mask: bool (h, w).
        prediction: float (h', w'), metres.
        size: (height, width) of the tiles.
        title: of the prediction.
        counted: bool (h, w), the pixels that the error is of; None takes all valid ones.

    Returns:
        Three tiles; the second and the third have a bar.
    """
    everywhere = np.isfinite(prediction)
    ranged = (ground_truth, valid_mask) if valid_mask.any() else (prediction, everywhere)
    depth = QUANTITIES["depth"]
    scale = (*percentile_range(*ranged), map_cmap(depth))
    error, known = relative_error(ground_truth, valid_mask if counted is None else counted, prediction)
    mean = f", mean {error[known].mean():.3f}" if known.any() else ": no valid pixel"
    truth = measured_map(ground_truth, valid_mask, size, ground_truth, valid_mask)
    error = measured_map(error, known, size, ground_truth, valid_mask)
    return [
        color_tile("Ground truth", truth, *scale),
        color_tile(title, resize_map(prediction, everywhere, size), *scale, depth.unit),
        color_tile(f"Abs. rel. error{mean}", error, 0, ERROR_MAX, ERROR_CMAP, ""),
    ]


def measured_map(
    values: np.ndarray, known: np.ndarray, size: tuple[int, int], ground_truth: np.ndarray, valid_mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A map (h, w) at the pixels of a ground truth, known where `known` says, resized for display.

    Where the ground truth (h, w), valid where `valid_mask` says, is sparse, points are drawn larger than they are.
    """
    if valid_mask.mean() < SPARSE:
        return resize_scattered(values, known, size, ground_truth)
    return resize_map(values, known, size)


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
