"""What two views of the same thing have in common."""

import zlib

import cv2
import numpy as np

from mdetools.datasets.doctor.frame import Frame

__all__ = ["BITS", "fingerprint"]

SIDE = 16  # of the grid on which neighbours are compared
BITS = SIDE * SIDE
FLATTEST = 4.0  # grey levels of spread; in a flatter image the comparison sees noise


def fingerprint(frame: Frame) -> dict:
    """What tells whether two frames show the same.

    Returns:
        `thumbnail`: the image's grey levels at 16 x 17 places, uint8; `contrast`: their spread; `image_sum` and
        `depth_sum`: checksums of the values; `hash`: whether each of 16 x 16 places is brighter than the one on its
        left, packed in 32 bytes (a difference hash; two images of one thing differ in few bits, two of different things
        in about half), None if the image is flat.
    """
    grid = cv2.resize(frame.grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA)
    contrast = float(grid.std())
    found = {
        "thumbnail": grid,
        "contrast": contrast,
        "image_sum": zlib.crc32(frame.image.data),
        "hash": np.packbits(grid[:, 1:] > grid[:, :-1]) if contrast > FLATTEST else None,
    }
    if frame.depth is not None and frame.valid.any():
        found["depth_sum"] = zlib.crc32(np.ascontiguousarray(frame.depth).data)
    return found
