"""A point cloud as a viewpoint sees it that swings past it, drawn with a z-buffer in plain numpy."""

import numpy as np

__all__ = ["render_points", "turning_frames"]

SIDEWAYS, UPWARDS = 18.0, 6.0  # degrees to either side of the camera's own viewpoint
BACKGROUND = (32, 34, 38)  # dark: beside it a white wall is seen to have holes
ZOOM = 0.9  # of the focal length, so that the sides stay in the picture while they swing
BEHIND = 1.02  # how much farther than what covers its pixel a point may be, and still be of the same surface


def turning_frames(
    points: np.ndarray, colors: np.ndarray, intrinsics: np.ndarray, size: tuple[int, int], count: int = 36
) -> list[np.ndarray]:
    """Pictures of a cloud while it swings about its middle, in an ellipse around the camera's own view.

    The last picture leads to the first, so that they can go round for ever. A whole turn would show the back of a
    cloud that was seen from one side alone.

    Args:
        points: (N, 3), metres, in the camera's frame: x right, y down, z forward; at least one.
        colors: uint8 (N, 3), RGB.
        intrinsics: (3, 3), pixels of the pictures.
        size: (H, W) of the pictures.
        count: number of pictures.

    Returns:
        uint8 (H, W, 3) each, RGB, dark where there is no point.
    """
    middle, camera = np.median(points, axis=0), intrinsics.astype(np.float64)
    camera[:2, :2] *= ZOOM
    frames = []
    for angle in np.linspace(0, 2 * np.pi, count, endpoint=False):
        turned = (points - middle) @ rotation(SIDEWAYS * np.sin(angle), UPWARDS * np.cos(angle)).T + middle
        frames.append(render_points(turned, colors, camera, size))
    return frames


def rotation(sideways: float, upwards: float) -> np.ndarray:
    """The rotation (3, 3) by so many degrees about the vertical axis, y, and then about the horizontal one, x."""
    (sin_y, sin_x), (cos_y, cos_x) = np.sin(np.radians([sideways, upwards])), np.cos(np.radians([sideways, upwards]))
    about_y = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    return np.array([[1, 0, 0], [0, cos_x, -sin_x], [0, sin_x, cos_x]]) @ about_y


def render_points(points: np.ndarray, colors: np.ndarray, intrinsics: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Draws points, of those in a pixel the nearest.

    A point also covers the eight pixels around its own, which closes the gaps between points that come apart when a
    surface is turned; in a pixel's own point stays in sight unless it lies behind what covers it.

    >>> camera = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> red, blue = [255, 0, 0], [0, 0, 255]
    >>> render_points(np.array([[0.0, 0, 2], [0, 0, 1]]), np.uint8([red, blue]), camera, (1, 3))[0].tolist()
    [[0, 0, 255], [0, 0, 255], [32, 34, 38]]

    Args:
        points: (N, 3), in the camera's frame; those behind the camera are left out.
        colors: uint8 (N, 3), RGB.
        intrinsics: (3, 3), pixels of the picture.
        size: (H, W) of the picture.

    Returns:
        uint8 (H, W, 3), RGB, dark where there is no point.
    """
    height, width = size
    ahead = points[:, 2] > 1e-6
    points, colors = points[ahead], colors[ahead]
    projected = points @ intrinsics.T
    columns, rows = np.rint(projected[:, :2] / projected[:, 2:]).clip(-9, max(size) + 9).astype(np.int64).T
    seen = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    order = np.flatnonzero(seen)[np.argsort(-points[seen, 2], kind="stable")]  # what is written last stays
    depth, colors = points[order, 2].astype(np.float32), colors[order]
    rows, columns = rows[order] + 1, columns[order] + 1  # in a frame of one pixel, which takes what falls outside
    nearest = np.full((height + 2, width + 2), np.inf, np.float32)
    picture = np.full((height + 2, width + 2, 3), BACKGROUND, np.uint8)
    around = [row * (width + 2) + column for row in (-1, 0, 1) for column in (-1, 0, 1)]
    places = ((rows * (width + 2) + columns)[:, None] + around).ravel()
    nearest.reshape(-1)[places] = np.repeat(depth, len(around))
    picture.reshape(-1, 3)[places] = np.repeat(colors, len(around), axis=0)
    own = depth <= BEHIND * nearest[rows, columns]
    picture[rows[own], columns[own]] = colors[own]
    return picture[1:-1, 1:-1]
