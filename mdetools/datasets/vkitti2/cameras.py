"""The cameras of Virtual KITTI 2."""

from pathlib import Path

import numpy as np

from mdetools.errors import UserError, one_line
from mdetools.reading import read_lines

__all__ = ["BASELINE", "INTRINSICS", "SIZE", "read_cameras"]

SIZE = (375, 1242)
# Of every frame of the published set.
INTRINSICS = np.array([[725.0087, 0, 620.5], [0, 725.0087, 187], [0, 0, 1]])
BASELINE = 0.532725  # metres
COLUMNS = "frame cameraID K[0,0] K[1,1] K[0,2] K[1,2]"


def read_cameras(path: Path) -> dict[tuple[int, int], np.ndarray]:
    """Intrinsics (3, 3) by frame and camera, of a variation's `intrinsic.txt`.

    Raises:
        UserError: if it cannot be read, or holds something else.
    """
    cameras = {}
    for number, line in enumerate(read_lines(path, f"a table of {COLUMNS}"), 1):
        words = line.split()
        if not words or words[0] == "frame":
            continue
        try:
            frame, camera, fx, fy, cx, cy = map(float, words)
        except ValueError as error:
            raise UserError(
                f"{path}:{number}: found '{one_line(line, 100)}', expected {COLUMNS}; copy the file again"
            ) from error
        cameras[frame, camera] = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    return cameras
