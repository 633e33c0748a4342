"""White canvas, text and tiles: what colour bars and panels are drawn with."""

import cv2
import numpy as np

__all__ = ["TEXT_SCALE", "blank", "draw_text", "resize_map", "resize_scattered", "text_size"]

FONT = cv2.FONT_HERSHEY_SIMPLEX
TEXT_SCALE = 0.5
INK = (25, 25, 25)


def blank(height: int, width: int) -> np.ndarray:
    """White, uint8 (height, width, 3)."""
    return np.full((height, width, 3), 255, np.uint8)


def text_size(text: str, scale: float = TEXT_SCALE) -> tuple[int, int]:
    """Width and height above the base line of a text, pixels."""
    return cv2.getTextSize(text, FONT, scale, 1)[0]


def draw_text(canvas: np.ndarray, text: str, left: int, base: int, scale: float = TEXT_SCALE) -> None:
    """Writes on the canvas, in place, from the pixel (left, base) of the base line on."""
    cv2.putText(canvas, text, (left, base), FONT, scale, INK, 1, cv2.LINE_AA)


def resize_map(values: np.ndarray, valid_mask: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Resizes a map with holes, for display.

    Downwards each pixel is the mean of the valid ones that it covers, so that sparse points stay in sight; upwards it
    is the nearest one, so that pixels stay visible as such.

    Args:
        values: float (H, W).
        valid_mask: bool (H, W).
        size: (height, width).

    Returns:
        float32 values and bool mask of the given size; 0 where invalid.
    """
    height, width = size
    shrinks = height <= values.shape[0] and width <= values.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_NEAREST
    known = np.where(valid_mask, values, 0).astype(np.float32)
    share = cv2.resize(valid_mask.astype(np.float32), (width, height), interpolation=method)
    total = cv2.resize(known, (width, height), interpolation=method)
    valid = share > 1e-3
    return np.divide(total, share, out=np.zeros_like(total), where=valid), valid


def resize_scattered(
    values: np.ndarray, valid_mask: np.ndarray, size: tuple[int, int], depth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Resizes a map of scattered points, for display: no mean over an edge of depth, and points that can be seen.

    Each pixel takes the value at the nearest point (that of the least depth) that falls in it. A pixel in which none
    falls takes that of its eight neighbours, so that a lone point covers 3x3 pixels.

    Args:
        values: float (H, W), what to show.
        valid_mask: bool (H, W), where there are points.
        size: (height, width).
        depth: float (H, W), of the same points.

    Returns:
        float32 values and bool mask of the given size; 0 where there is no point.
    """
    rows, cols = np.nonzero(valid_mask)
    order = np.argsort(-depth[rows, cols], kind="stable")  # of the values written to one pixel the last one stays
    rows, cols = rows[order], cols[order]
    shown = values[rows, cols].astype(np.float32)
    height, width = size
    framed = np.full((height + 2, width + 2), np.nan, np.float32)  # one pixel around takes what falls outside
    rows, cols = rows * height // values.shape[0] + 1, cols * width // values.shape[1] + 1
    around = np.stack(np.mgrid[-1:2, -1:2], -1).reshape(-1, 2)
    neighbours = (np.stack([rows, cols], 1)[:, None] + around).reshape(-1, 2)
    framed[neighbours[:, 0], neighbours[:, 1]] = np.repeat(shown, len(around))
    framed[rows, cols] = shown
    resized = framed[1:-1, 1:-1]
    known = np.isfinite(resized)
    return np.where(known, resized, 0), known
