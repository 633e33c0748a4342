"""Laser scans and their projection into an image."""

from pathlib import Path

import numpy as np

from mdetools.errors import UserError

__all__ = ["interpolate_depth", "project_scan", "read_scan"]

RECORD = 16  # bytes of a point


def read_scan(path: Path) -> np.ndarray:
    """Reads a scan of KITTI raw: four float32 a point.

    Returns:
        float32 (N, 4): x, y, z in metres in the scanner's frame (x forward, y left, z up), and reflectance.

    Raises:
        UserError: if the file is missing, or its size is no multiple of a point's.
    """
    if not path.is_file():
        raise UserError(f"no velodyne scan {path}; copy it there, or leave the frame out of the split")
    size = path.stat().st_size
    if size == 0 or size % RECORD:
        raise UserError(
            f"{path}: has {size} bytes, expected a multiple of {RECORD} (four float32 a point); it is cut short, copy "
            "it again"
        )
    return np.fromfile(path, np.float32).reshape(-1, 4)


def project_scan(points: np.ndarray, projection: np.ndarray, height: int, width: int, offset: int = 0) -> np.ndarray:
    """Sparse depth of a scan as a camera sees it; where several points meet in a pixel, the nearest wins.

    Points behind the camera or outside the image are dropped. Points of surfaces that only the scanner sees, which
    stands above the camera, are not.

    Args:
        points: float32 (N, 3 or more): x, y, z in metres in the scanner's frame.
        projection: float64 (3, 4) to the image, as `read_velodyne_projections` gives it.
        height: of the image, pixels.
        width: of the image, pixels.
        offset: subtracted from the rounded column and row.

    Returns:
        float32 (height, width), metres along the camera's optical axis, 0 where there is no point.
    """
    # float32 finds the fifth of the points that come near the image, to a pixel; these are then rounded in float64.
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


def interpolate_depth(depth: np.ndarray) -> np.ndarray:
    """Sparse depth made dense for pictures. Never to be scored against: most of the result was not measured.

    Linear within Delaunay triangles of the known pixels. Takes about a second for a KITTI image.

    Args:
        depth: float32 (H, W), metres, 0 where unknown.

    Returns:
        float32 (H, W); 0 outside the convex hull of the known pixels, such as the sky above a scan.
    """
    from scipy.interpolate import griddata
    from scipy.spatial import QhullError

    known = np.nonzero(depth)
    if not len(known[0]):
        return depth
    try:
        return griddata(known, depth[known], tuple(np.indices(depth.shape)), "linear", 0.0).astype(np.float32)
    except QhullError:  # too few pixels, or all in a line: there is no triangle
        return depth
