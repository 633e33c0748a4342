"""What the layouts of NYU Depth V2 share: the camera of a frame that names none."""

import numpy as np

from mdetools.datasets.sample import depth_sample
from mdetools.layouts.nyu import resized_nyu_intrinsics

__all__ = ["nyu_sample"]


def nyu_sample(image: np.ndarray, depth: np.ndarray, intrinsics: np.ndarray | None, name: str, path: str) -> dict:
    """`depth_sample` with the NYU colour camera, scaled to the image, where `intrinsics` is None.

    Raises:
        UserError: if an array is not what was expected.
    """
    sample = depth_sample(image, depth, intrinsics, name, path)
    sample.setdefault("intrinsics", resized_nyu_intrinsics(*image.shape[:2]))
    return sample
