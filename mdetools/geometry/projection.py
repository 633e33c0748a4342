"""Projects points into an image."""

import numpy as np

__all__ = ["project_points"]


def project_points(points: np.ndarray, projection: np.ndarray, height: int, width: int, offset: int = 0) -> np.ndarray:
    """Sparse depth of points as a camera sees them; where several meet in a pixel, the nearest wins.

    Points behind the camera or outside the image are dropped. Points of surfaces that only the scanner sees, which on
    KITTI's car stands above the camera, are not.

    >>> camera = np.array([[2.0, 0, 1, 0], [0, 2, 1, 0], [0, 0, 1, 0]])
    >>> points = np.array([[0, 0, 5], [0, 0, 9], [2, -2, 4], [0, 0, -1]], np.float32)
    >>> project_points(points, camera, 2, 3).tolist()
    [[0.0, 0.0, 4.0], [0.0, 5.0, 0.0]]

    Args:
        points: float32 (N, 3 or more): x, y, z in metres.
        projection: float64 (3, 4), which takes (x, y, z, 1) to (column x depth, row x depth, depth).
        height: of the image, pixels.
        width: of the image, pixels.
        offset: subtracted from the rounded column and row.

    Returns:
        float32 (height, width), metres along the camera's optical axis, 0 where there is no point.
    """
    # float32 finds the fifth of a scan's points that come near the image, to a pixel; these are rounded in float64.
    x, y, z = transform(projection.astype(np.float32), np.ascontiguousarray(points[:, :3].T))
    margin = offset + 1
    near = (z > 0) & (x > -z) & (x < (width + margin) * z) & (y > -z) & (y < (height + margin) * z)
    column, row, depth = transform(projection, points[np.flatnonzero(near), :3].T.astype(np.float64))
    column, row = np.rint(column / depth) - offset, np.rint(row / depth) - offset
    inside = np.flatnonzero((column >= 0) & (column < width) & (row >= 0) & (row < height))
    inside = inside[np.argsort(-depth[inside])]  # of an index that comes twice, NumPy keeps the last value: the nearest
    sparse = np.zeros(height * width, np.float32)
    sparse[(row[inside] * width + column[inside]).astype(np.int64)] = depth[inside]
    return sparse.reshape(height, width)


def transform(projection: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A projection (3, 4) of points (3, N), as (3, N).

    By `einsum`, which computes this itself, where `@` would call a BLAS that starts threads in every loader's worker.
    """
    return np.einsum("ij,jn->in", projection[:, :3], points) + projection[:, 3:]
