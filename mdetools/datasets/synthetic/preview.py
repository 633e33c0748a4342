"""A contact sheet of a synthetic data set: image beside depth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

__all__ = ["save_contact_sheet"]

COLUMNS = 4
FULL_SCALE = 8.0  # metres at the far end of the colour map


def save_contact_sheet(frames: Sequence[Path], target: Path) -> None:
    """Draws frames of one size into a PNG; blue is near, red is 8 m or more, black has no depth.

    Args:
        frames: .h5 files with `rgb` and `depth`.
        target: the PNG to write.
    """
    import cv2

    tiles = [_tile(path) for path in frames]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(str(target), np.vstack(rows))


def _tile(path: Path) -> np.ndarray:
    """Image and depth of a frame side by side, BGR uint8 (H, 2W, 3)."""
    import cv2
    import h5py

    with h5py.File(path, "r") as file:
        image, depth = file["rgb"][()], file["depth"][()]
    level = (255 * np.clip(depth / FULL_SCALE, 0, 1)).astype(np.uint8)
    colors = cv2.applyColorMap(level, cv2.COLORMAP_TURBO)
    colors[depth == 0] = 0
    return np.hstack([image.transpose(1, 2, 0)[..., ::-1], colors])
