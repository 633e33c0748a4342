"""From a depth map and its camera to points in space, and to triangles between them.

Points are in the camera's frame as OpenCV has it: x to the right, y down, z along the optical axis, metres. Pixel
centres lie at integer coordinates.
"""

import numpy as np

__all__ = ["back_project", "depth_jumps", "grid_faces", "usable_depth"]


def back_project(depth: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """The point that each pixel shows.

    >>> back_project(np.full((1, 2), 2.0), np.array([[4.0, 0, 0], [0, 4, 0], [0, 0, 1]]))[0].tolist()
    [[0.0, 0.0, 2.0], [0.5, 0.0, 2.0]]

    Args:
        depth: (H, W), metres along the optical axis.
        intrinsics: (3, 3), pixels of this map.

    Returns:
        (H, W, 3), metres, float64.
    """
    rows, columns = np.indices(depth.shape)
    fx, skew, cx = intrinsics[0]
    y = (rows - intrinsics[1, 2]) / intrinsics[1, 1]
    x = (columns - cx - skew * y) / fx
    return np.stack([x, y, np.ones_like(x)], axis=-1) * depth[..., None].astype(np.float64)


def usable_depth(depth: np.ndarray) -> np.ndarray:
    """Where a depth map (H, W) shows a point: bool (H, W), finite and above 0."""
    return np.isfinite(depth) & (depth > 0)


def depth_jumps(depth: np.ndarray, ratio: float) -> np.ndarray:
    """The pixels at occlusion edges: those whose depth and a neighbour's differ by more than a ratio.

    Networks blur such edges, and the pixels in between would hang in mid-air, between the surfaces.

    >>> depth_jumps(np.array([[1.0, 1.01, 2.0, 2.01]]), 0.1).tolist()
    [[False, True, True, False]]

    Args:
        depth: (H, W), metres; pixels without depth have no edge.
        ratio: of the farther to the nearer depth, less 1.

    Returns:
        bool (H, W).
    """
    known = usable_depth(depth)
    log = np.log(np.where(known, depth, 1))
    found = np.zeros(depth.shape, bool)
    for before, after in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        jump = (np.abs(log[before] - log[after]) > np.log1p(ratio)) & known[before] & known[after]
        found[before] |= jump
        found[after] |= jump
    return found


def grid_faces(kept: np.ndarray) -> np.ndarray:
    """Two triangles for each square of four neighbouring pixels that are all kept, facing the camera.

    Args:
        kept: bool (H, W).

    Returns:
        int64 (F, 3), indices of the kept pixels, counted row by row; counter-clockwise as the camera sees them.
    """
    number = np.cumsum(kept.ravel()).reshape(kept.shape) - 1
    whole = kept[:-1, :-1] & kept[:-1, 1:] & kept[1:, :-1] & kept[1:, 1:]
    corners = [number[rows, columns][whole] for rows in (np.s_[:-1], np.s_[1:]) for columns in (np.s_[:-1], np.s_[1:])]
    top_left, top_right, below_left, below_right = corners
    upper = np.stack([top_left, below_left, top_right], axis=1)
    lower = np.stack([top_right, below_left, below_right], axis=1)
    return np.concatenate([upper, lower])
