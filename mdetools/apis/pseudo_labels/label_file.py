"""The files that pseudo-labels stand in."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

__all__ = ["FORMATS", "LabelFormat", "encode_npz", "encode_png16", "is_whole_npz", "is_whole_png"]

LARGEST = 65535  # of 16 bits
COMPRESSION = 3  # of the PNG: higher levels take several times as long for a few per cent
PNG_LAST = b"IEND\xaeB`\x82"


def encode_png16(inverse_depth: np.ndarray) -> bytes:
    """A 16-bit PNG of inverse depth: from 0, the farthest pixel of the image, to 65535, the nearest.

    A constant map is 0 everywhere.

    Args:
        inverse_depth: (H, W), finite.
    """
    values = inverse_depth.astype(np.float64)
    low, high = values.min(), values.max()
    scaled = (values - low) * (LARGEST / (high - low) if high > low else 0.0)
    options = [cv2.IMWRITE_PNG_COMPRESSION, COMPRESSION]
    return cv2.imencode(".png", np.rint(scaled).astype(np.uint16), options)[1].tobytes()


def encode_npz(inverse_depth: np.ndarray) -> bytes:
    """A compressed .npz with the array `inverse_depth`, float16, as it was predicted.

    Args:
        inverse_depth: (H, W), within float16's range.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, inverse_depth=inverse_depth.astype(np.float16))
    return buffer.getvalue()


def is_whole_png(path: Path) -> bool:
    """Whether a file ends as a PNG does; a power cut may leave one that is shorter."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - len(PNG_LAST), 0))
        return file.read() == PNG_LAST


def is_whole_npz(path: Path) -> bool:
    """Whether a file has the directory that stands at the end of an .npz."""
    return zipfile.is_zipfile(path)


@dataclass(frozen=True)
class LabelFormat:
    """One kind of label file.

    Attributes:
        suffix: of the file's name.
        encode: from inverse depth (H, W) to the file's bytes, the same ones each time.
        is_whole: whether a file that is there was written to its end.
        largest: the largest value that it holds.
    """

    suffix: str
    encode: Callable[[np.ndarray], bytes]
    is_whole: Callable[[Path], bool]
    largest: float


FORMATS = {
    "png16": LabelFormat(".png", encode_png16, is_whole_png, float(np.finfo(np.float32).max)),
    "npz": LabelFormat(".npz", encode_npz, is_whole_npz, float(np.finfo(np.float16).max)),
}
