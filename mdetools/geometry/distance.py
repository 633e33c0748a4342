"""Distance from the camera's centre, and depth along its optical axis."""

import numpy as np

__all__ = ["distance_to_depth"]


def distance_to_depth(distance: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """Depth along the optical axis of points whose distance from the camera's centre is known.

    >>> camera = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> distance_to_depth(np.array([[5.0, 5 * 2**0.5]]), camera).tolist()
    [[5.0, 5.0]]

    Args:
        distance: (H, W), in any unit.
        intrinsics: (3, 3), pixels of this map.

    Returns:
        (H, W), in the same unit.
    """
    (fx, skew, cx), (_, fy, cy) = np.asarray(intrinsics, np.float64)[:2]
    y = (np.arange(distance.shape[0]) - cy)[:, None] / fy
    x = (np.arange(distance.shape[1]) - cx - skew * y if skew else np.arange(distance.shape[1])[None] - cx) / fx
    # Squares are summed in the distance's own precision: the whole map in float64 takes five times as long.
    precision = np.result_type(distance, np.float32)
    ray = (1 + x * x).astype(precision) + (y * y).astype(precision)
    return distance / np.sqrt(ray, out=ray)
