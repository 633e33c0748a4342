"""The cameras of Hypersim's scenes.

Its paper gives one camera for all. In truth more than half of the scenes were rendered with a shifted or tilted lens,
which `metadata_camera_parameters.csv` of its repository (contrib/mikeroberts3000) lists scene by scene.
"""

from pathlib import Path

import numpy as np

from mdetools.datasets.hypersim.tables import read_table
from mdetools.errors import UserError

__all__ = ["INTRINSICS", "SIZE", "read_scene_cameras"]

SIZE = (768, 1024)
# 60 degrees of horizontal field of view, the principal point in the middle.
INTRINSICS = np.array([[886.81, 0, 511.5], [0, 886.81, 383.5], [0, 0, 1]])

# Image coordinates u (right) and v (up) in -1..1 become pixels; a camera's y and z are turned to point down and ahead.
PIXELS_FROM_UV = np.array([[SIZE[1] / 2, 0, (SIZE[1] - 1) / 2], [0, -SIZE[0] / 2, (SIZE[0] - 1) / 2], [0, 0, 1]])
DOWN_AND_AHEAD = np.diag([1.0, -1.0, -1.0])
RAYS_FROM_UV = [[f"M_cam_from_uv_{row}{column}" for column in range(3)] for row in range(3)]


def read_scene_cameras(path: Path) -> dict[str, np.ndarray]:
    """Intrinsics (3, 3) of each scene at 1024x768, from the table of the scenes' rays.

    A tilted lens turns the image plane against the camera's axes. Such an image is what a plain pinhole camera sees
    that looks along the normal of the plane, and these are that camera's intrinsics; distances to the centre are the
    same for both.

    Raises:
        UserError: if the table cannot be read, lacks a column, or a matrix of it is not invertible.
    """
    names = ["scene_name", *(name for row in RAYS_FROM_UV for name in row)]
    rows = read_table(path, names, "take metadata_camera_parameters.csv of the ml-hypersim repository")
    return {scene: intrinsics_of_rays(entries, f"{path}, {scene}") for scene, *entries in rows}


def intrinsics_of_rays(entries: list[str], place: str) -> np.ndarray:
    """Intrinsics (3, 3) of the nine entries of the matrix that makes rays of (u, v, 1)."""
    try:
        rays_from_uv = np.array([float(entry) for entry in entries]).reshape(3, 3)
        if not np.isfinite(rays_from_uv).all():
            raise ValueError("an entry is not finite")
        projection = PIXELS_FROM_UV @ np.linalg.inv(DOWN_AND_AHEAD @ rays_from_uv)
        # It is intrinsics times a rotation, which drops out of the product with its transpose. The Cholesky factor is
        # lower triangular, and upper triangular with rows and columns reversed.
        reversed_factor = np.linalg.cholesky((projection @ projection.T)[::-1, ::-1])
    except (ValueError, np.linalg.LinAlgError) as error:
        raise UserError(f"{place}: M_cam_from_uv is no invertible matrix; copy the table again") from error
    intrinsics = reversed_factor[::-1, ::-1]
    return intrinsics / intrinsics[2, 2]
