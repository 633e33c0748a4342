"""Panels that show image, ground truth, prediction and error side by side."""

from collections.abc import Sequence

import cv2
import numpy as np

from mdetools.visualization.canvas import blank, draw_text, resize_map, text_size
from mdetools.visualization.colorbar import draw_colorbar
from mdetools.visualization.colormap import colorize

__all__ = ["depth_panel", "depth_range", "stack_panels"]

TILE_AREA = 320 * 240
TITLE, SPACE, BAR_SPACE, EDGE = 26, 10, 8, 10  # pixels: title height, between tiles, before a bar, around the panel
DEPTH_CMAP, ERROR_CMAP = "Spectral", "magma"
ERROR_MAX = 0.3  # abs_rel error of the last colour


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
    are grey. Without ground truth only image and prediction are drawn.

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
    height, width = tile_size(*image.shape[:2])
    everywhere = np.isfinite(prediction)
    shrinks = height < image.shape[0]
    picture = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    if ground_truth is None:
        low, high = depth_range(prediction, everywhere)
        # Inverse depth grows towards the camera: reversed colours keep near red.
        cmap, unit = (DEPTH_CMAP + "_r", "") if relative else (DEPTH_CMAP, "m")
        shown = color_tile(prediction, everywhere, (height, width), low, high, cmap)
        bar = draw_colorbar(height, low, high, cmap, unit, EDGE)
        title = "Prediction (relative)" if relative else "Prediction"
        return compose([[("Image", picture)], [(title, shown)]], [None, bar])

    ranged = (ground_truth, valid_mask) if valid_mask.any() else (prediction, everywhere)
    low, high = depth_range(*ranged)
    error, known = relative_error(ground_truth, valid_mask, prediction)
    mean = f", mean {error[known].mean():.3f}" if known.any() else ": no valid pixel"
    title = "Prediction (relative, aligned)" if relative else "Prediction"
    maps = [
        ("Ground truth", color_tile(ground_truth, valid_mask, (height, width), low, high, DEPTH_CMAP)),
        (title, color_tile(prediction, everywhere, (height, width), low, high, DEPTH_CMAP)),
    ]
    error_tile = color_tile(error, known, (height, width), 0, ERROR_MAX, ERROR_CMAP)
    return compose(
        [[("Image", picture)], maps, [(f"Abs. rel. error{mean}", error_tile)]],
        [
            None,
            draw_colorbar(height, low, high, DEPTH_CMAP, "m", EDGE),
            draw_colorbar(height, 0, ERROR_MAX, ERROR_CMAP, "", EDGE),
        ],
    )


def tile_size(height: int, width: int) -> tuple[int, int]:
    """Size of a tile with the image's aspect and the area `TILE_AREA`, the aspect being kept from 1:4 to 4:1."""
    aspect = np.clip(width / height, 0.25, 4)
    return round(np.sqrt(TILE_AREA / aspect)), round(np.sqrt(TILE_AREA * aspect))


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


def color_tile(
    values: np.ndarray, valid_mask: np.ndarray, size: tuple[int, int], low: float, high: float, cmap: str
) -> np.ndarray:
    """A map resized to a tile (height, width), and coloured from low to high."""
    values, valid_mask = resize_map(values, valid_mask, size)
    return colorize(values, low, high, cmap, valid_mask)


def compose(groups: list[list[tuple[str, np.ndarray]]], bars: list[np.ndarray | None]) -> np.ndarray:
    """Sets titled tiles in a row; each group of tiles is followed by its bar, which is `EDGE` taller at each end."""
    columns = []
    for group, bar in zip(groups, bars, strict=True):
        for title, tile in group:
            columns += [(title, tile, 0, SPACE)]
        if bar is not None:
            columns[-1] = (*columns[-1][:3], BAR_SPACE)
            columns += [("", bar, -EDGE, SPACE)]
    height = EDGE + TITLE + groups[0][0][1].shape[0] + 2 * EDGE
    canvas = blank(height, 2 * EDGE + sum(tile.shape[1] + space for _, tile, _, space in columns) - SPACE)
    left, top = EDGE, EDGE + TITLE
    for title, tile, shift, space in columns:
        rows, width = tile.shape[:2]
        canvas[top + shift : top + shift + rows, left : left + width] = tile
        draw_text(canvas, title, left + max(width - text_size(title)[0], 0) // 2, top - 9)
        left += width + space
    return canvas


def stack_panels(panels: Sequence[np.ndarray]) -> np.ndarray:
    """Sets panels one below the other, aligned on the left, white on the right of the narrower ones.

    Args:
        panels: uint8 (H_i, W_i, 3), at least one.

    Returns:
        uint8 (sum of H_i, max of W_i, 3).
    """
    width = max(panel.shape[1] for panel in panels)
    return np.concatenate([np.pad(p, ((0, 0), (0, width - p.shape[1]), (0, 0)), constant_values=255) for p in panels])
