"""Laser scans, and sparse depth made dense for pictures."""

from pathlib import Path

import numpy as np

from mdetools.errors import UserError
from mdetools.reading import is_file, read_bytes

__all__ = ["interpolate_depth", "read_scan"]

RECORD = 16  # bytes of a point


def read_scan(path: Path) -> np.ndarray:
    """Reads a scan of KITTI raw: four float32 per point.

    Returns:
        float32 (N, 4): x, y, z in metres in the scanner's frame (x forward, y left, z up), and reflectance.

    Raises:
        UserError: if the file is missing, or its size is no multiple of a point's.
    """
    if not is_file(path):
        raise UserError(f"no velodyne scan {path}; copy it there, or leave the frame out of the split")
    content = read_bytes(path, "a velodyne scan")
    if not content or len(content) % RECORD:
        raise UserError(
            f"{path}: has {len(content)} bytes, expected a multiple of {RECORD} (four float32 per point); it is cut "
            "short, copy it again"
        )
    return np.frombuffer(content, np.float32).copy().reshape(-1, 4)


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
