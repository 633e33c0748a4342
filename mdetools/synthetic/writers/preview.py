"""Contact sheets of synthetic data sets: images beside depth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mdetools.synthetic.sensors.kitti_car import velodyne_depth

__all__ = ["save_contact_sheet", "save_semantic_sheet", "save_street_sheet", "save_world_sheet"]

COLUMNS = 4
FULL_SCALE = 8.0  # metres at the far end of the colour map
WORLD_TILE = (192, 256)  # pixels of the frame that a picture of any format is fitted into
NEAR_STREET, FAR_STREET = 3.0, 80.0  # metres at its ends for streets, between which it is logarithmic


def save_contact_sheet(frames: Sequence[Path], target: Path) -> None:
    """Draws frames of one size into a PNG; red is near, blue is 8 m or more, black has no depth.

    Args:
        frames: .h5 files with `rgb` and `depth`.
        target: the PNG to write.
    """
    import cv2

    cv2.imwrite(str(target), _in_rows([_tile(path) for path in frames]))


def save_street_sheet(frames: Sequence[tuple[Path, Path, Path]], target: Path) -> None:
    """Draws a row per frame: left image, right image, and the left one's depth by the velodyne.

    Red is near, blue is 80 m or more.

    Args:
        frames: left image, right image and velodyne scan of each, all images of one size.
        target: the PNG to write.
    """
    import cv2

    cv2.imwrite(str(target), np.vstack([_street_row(*paths) for paths in frames]))


def save_world_sheet(frames: Sequence[tuple[Path, Path]], target: Path) -> None:
    """Draws frames of any size into a PNG, each with its inverse depth: red is the nearest, blue far away.

    Args:
        frames: image and .npz with `depth` of each.
        target: the PNG to write.
    """
    import cv2

    tiles = [np.hstack([_fitted(picture) for picture in _world_pictures(*paths)]) for paths in frames]
    cv2.imwrite(str(target), _in_rows(tiles))


def save_semantic_sheet(frames: Sequence[tuple[Path, Path, Path]], target: Path) -> None:
    """Draws frames of one size into a PNG, two in a row: image, classes (black: none), inverse depth (red is near).

    Args:
        frames: image, map of class ids and .npz with `depth` of each.
        target: the PNG to write.
    """
    import cv2

    tiles = []
    for image, semantic, depth in frames:
        picture, inverse_depth = _world_pictures(image, depth)
        classes = class_colors()[cv2.imread(str(semantic), cv2.IMREAD_UNCHANGED)]
        tiles.append(np.hstack([picture, classes, inverse_depth]))
    cv2.imwrite(str(target), _in_rows(tiles, columns=2))


def class_colors() -> np.ndarray:
    """Colours (256, 3) uint8, BGR, of class ids: hues a golden section apart, black for none."""
    import cv2

    index = np.arange(256)
    hue, dark = index * 180 * (5**0.5 - 1) / 2 % 180, index % 3
    colors = np.stack([hue, 200 - 50 * (index % 2), 240 - 55 * dark], axis=1).astype(np.uint8)
    colors[-1] = 0
    return cv2.cvtColor(colors[None], cv2.COLOR_HSV2BGR)[0]


def _in_rows(tiles: list[np.ndarray], columns: int = COLUMNS) -> np.ndarray:
    """Tiles of one size, so many in a row."""
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)])


def _world_pictures(image: Path, depth: Path) -> tuple[np.ndarray, np.ndarray]:
    """A frame's image and inverse depth, BGR uint8 (H, W, 3)."""
    import cv2

    with np.load(depth) as arrays:
        inverse = 1 / arrays["depth"].astype(np.float32)
    level = np.clip(inverse / np.quantile(inverse, 0.98), 0, 1)
    return cv2.imread(str(image)), cv2.applyColorMap((255 * level).astype(np.uint8), cv2.COLORMAP_TURBO)


def _fitted(picture: np.ndarray) -> np.ndarray:
    """A picture, shrunk or enlarged into the upper left of a tile."""
    import cv2

    scale = min(side / length for side, length in zip(WORLD_TILE, picture.shape, strict=False))
    size = [max(round(length * scale), 1) for length in picture.shape[1::-1]]
    tile = np.zeros((*WORLD_TILE, 3), np.uint8)
    tile[: size[1], : size[0]] = cv2.resize(picture, size)
    return tile


def _street_row(left: Path, right: Path, scan: Path) -> np.ndarray:
    """BGR uint8 (H, 3W, 3)."""
    import cv2

    images = [cv2.imread(str(path)) for path in (left, right)]
    points = np.fromfile(scan, np.float32).reshape(-1, 4)
    depth = velodyne_depth(points, *images[0].shape[:2])
    depth = np.where(depth > 0, depth, cv2.dilate(depth, np.ones((2, 2))))  # single pixels are hard to see
    level = 1 - np.log(np.maximum(depth, NEAR_STREET) / NEAR_STREET) / np.log(FAR_STREET / NEAR_STREET)
    colors = cv2.applyColorMap((255 * np.clip(level, 0, 1)).astype(np.uint8), cv2.COLORMAP_TURBO)
    colors[depth == 0] = 0
    return np.hstack([*images, colors])


def _tile(path: Path) -> np.ndarray:
    """Image and depth of a frame side by side, BGR uint8 (H, 2W, 3)."""
    import cv2
    import h5py

    with h5py.File(path, "r") as file:
        image, depth = file["rgb"][()], file["depth"][()]
    level = (255 * (1 - np.clip(depth / FULL_SCALE, 0, 1))).astype(np.uint8)
    colors = cv2.applyColorMap(level, cv2.COLORMAP_TURBO)
    colors[depth == 0] = 0
    return np.hstack([image.transpose(1, 2, 0)[..., ::-1], colors])
