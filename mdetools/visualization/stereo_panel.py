"""The panel of a rectified pair: what view synthesis makes of a prediction, and the depth beside the ground truth."""

import numpy as np
import torch

from mdetools.contract import QUANTITIES
from mdetools.geometry.warping import warp_horizontally
from mdetools.visualization.canvas import resize_map
from mdetools.visualization.colormap import UNKNOWN
from mdetools.visualization.layout import Tile, compose, tile_size
from mdetools.visualization.panel import comparison_tiles
from mdetools.visualization.tiles import ERROR_CMAP, color_tile, image_tile, map_tile

__all__ = ["stereo_panel", "warp_right"]

PHOTOMETRIC_MAX = 0.2  # of the last colour
AREA = 160 * 240  # pixels of a tile: half of the usual, as there are up to seven of them
FARTHEST = 80.0  # metres; a sky at the largest depth there is would leave one colour to all the rest


def stereo_panel(
    image: np.ndarray,
    image_right: np.ndarray,
    depth: np.ndarray | None,
    valid_mask: np.ndarray | None,
    prediction_depth: np.ndarray,
    disparity: np.ndarray,
    counted: np.ndarray | None = None,
) -> np.ndarray:
    """Draws left image, right image warped to the left, photometric error, disparity, depth and its abs_rel error.

    The photometric error is the mean over the channels of |warped - left|, images in 0..1, in a fixed range. Ground
    truth and predicted depth are drawn as in `depth_panel`, without ground truth only the prediction. Near is red in
    depth and in disparity; what has no value is grey.

    Args:
        image: uint8 (H, W, 3), RGB, left.
        image_right: uint8 (H, W, 3), RGB.
        depth: float (h, w), metres, of any size; 0 where unknown; None if there is none.
        valid_mask: bool (h, w), where the depth is known; None if there is none.
        prediction_depth: float (h', w'), metres, of any size.
        disparity: float (H, W), pixels of the image: left(x) = right(x - disparity).
        counted: bool (h, w), the pixels that the error of the depth and its mean are of; None takes all valid ones.

    Returns:
        uint8 (H', W', 3), RGB, two rows, whose bars stand below each other: left, disparity, photometric error, warped
        above ground truth, predicted depth and its error; without ground truth the warped image stands in its place.
    """
    size = tile_size(*image.shape[:2], AREA)
    warped, photometric = synthesis_tiles(image, image_right, disparity, size)
    shown, title = map_tile("Disparity", disparity, size, QUANTITIES["disparity"]), "Predicted depth"
    first = [image_tile("Left", image, size), shown, photometric]
    if depth is None:
        nearer = np.minimum(prediction_depth, FARTHEST)
        return compose([first, [warped, map_tile(title, nearer, size, QUANTITIES["depth"])]])
    return compose([[*first, warped], comparison_tiles(depth, valid_mask, prediction_depth, size, title, counted)])


def synthesis_tiles(
    image: np.ndarray, image_right: np.ndarray, disparity: np.ndarray, size: tuple[int, int]
) -> tuple[Tile, Tile]:
    """The right image warped to the left, and the photometric error with its mean; see `stereo_panel`.

    Args:
        image: uint8 (H, W, 3), left.
        image_right: uint8 (H, W, 3).
        disparity: float (H, W), pixels.
        size: (height, width) of the tiles.
    """
    warped, inside = warp_right(image_right, disparity)
    error = np.abs(warped - image.astype(np.float32)).mean(2) / 255
    mean = f", mean {error[inside].mean():.3f}" if inside.any() else ": all outside"
    shown = np.where(inside[..., None], warped.round(), UNKNOWN).astype(np.uint8)
    resized = resize_map(error, inside, size)
    return (
        image_tile("Right warped to left", shown, size),
        color_tile(f"Photometric error{mean}", resized, 0, PHOTOMETRIC_MAX, ERROR_CMAP, ""),
    )


def warp_right(image_right: np.ndarray, disparity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The right image as the left camera would see it.

    Args:
        image_right: uint8 (H, W, 3).
        disparity: float (H, W), pixels.

    Returns:
        float32 (H, W, 3) in 0..255, 0 where x - disparity lies outside the image; bool (H, W), where it lies inside.
    """
    image = torch.from_numpy(image_right).permute(2, 0, 1)[None].float()
    warped, inside = warp_horizontally(image, torch.from_numpy(disparity)[None, None].float())
    return warped[0].permute(1, 2, 0).numpy(), inside[0, 0].numpy()
