"""NYU Depth V2 (Silberman et al., ECCV 2012): the FastDepth layout's paths, and the colour camera.

The FastDepth layout (Wofk et al., ICRA 2019) is `<root>/<split>/<scene>/<frame>.h5`, with `rgb` uint8 (3, H, W),
`depth` (H, W) in metres, and optionally `intrinsics` (3, 3).
"""

import numpy as np

from mdetools.geometry import fit_intrinsics, resize_intrinsics

__all__ = ["FRAME_ENDING", "fitted_nyu_intrinsics", "frame_path", "resized_nyu_intrinsics"]

FRAME_ENDING = ".h5"

SIZE = (480, 640)
# At 640x480, from the data set's own toolbox (`camera_params.m`, colour camera).
INTRINSICS = np.array([[518.85790, 0, 325.58245], [0, 519.46961, 253.73617], [0, 0, 1]])
# What synthetic rooms are made with. Four decimals: another rounding would be another data set.
ROUNDED_INTRINSICS = INTRINSICS.round(4).astype(np.float32)


def frame_path(split: str, scene: str, number: int) -> str:
    """Where a frame lies, relative to the root.

    >>> frame_path("train", "kitchen_0003", 21)
    'train/kitchen_0003/00021.h5'
    """
    return f"{split}/{scene}/{number:05d}{FRAME_ENDING}"


def resized_nyu_intrinsics(height: int, width: int) -> np.ndarray:
    """Intrinsics (3, 3) float32 of the whole image resized to `height` x `width`, each axis by its own factor."""
    return resize_intrinsics(INTRINSICS, width / SIZE[1], height / SIZE[0]).astype(np.float32)


def fitted_nyu_intrinsics(height: int, width: int, zoom: float = 1.0) -> np.ndarray:
    """Intrinsics (3, 3) float32 at another width with the aspect kept, see `fit_intrinsics`; focal length x `zoom`."""
    intrinsics = fit_intrinsics(ROUNDED_INTRINSICS, SIZE, height, width)
    intrinsics[[0, 1], [0, 1]] *= zoom
    return intrinsics
