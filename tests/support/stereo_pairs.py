"""Rectified pairs of a plane in front, of which all is known, in files as people have them."""

import cv2
import numpy as np

__all__ = ["BASELINE", "DISPARITY", "FOCAL", "SIZE", "pair_images", "write_image", "write_pair", "write_pairs"]

SIZE = (30, 64)
DISPARITY = 6
FOCAL, BASELINE = 60.0, 0.5  # the plane lies at 60 * 0.5 / 6 = 5 m


def pair_images(seed=0, size=SIZE, disparity=DISPARITY):
    """Left and right RGB images: left(x) = right(x - disparity)."""
    right = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    return np.roll(right, disparity, axis=1), right


def write_image(path, values):
    """Writes an RGB image, or a map of whole numbers, as the ending says, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), values[..., ::-1] if values.ndim == 3 else values)
    return path


def write_pair(left, right, seed=0):
    """Writes the two images of a pair."""
    for path, image in zip((left, right), pair_images(seed), strict=True):
        write_image(path, image)


def write_pairs(folder, names=("a/1", "a/2", "b/1"), disparity=True):
    """Writes `left`, `right` and `disparity` (16 bits, x256, the first row unknown) of these names into a folder."""
    for seed, name in enumerate(names):
        write_pair(folder / "left" / f"{name}.png", folder / "right" / f"{name}.png", seed)
        if disparity:
            values = np.full(SIZE, DISPARITY * 256, np.uint16)
            values[0] = 0
            write_image(folder / "disparity" / f"{name}.png", values)
    return folder
