"""From the bits that 16-bit images use to 8."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mdetools.errors import UserError, one_line

__all__ = ["ALL_BITS", "bits_of", "check_image_bits"]

CAMERA_BITS = (8, 10, 12, 14)
ALL_BITS = 16
warned_bits: set[int] = set()  # see `warn_of_bits`


def check_image_bits(bits: int | None, what: str) -> None:
    """Checks the option `image_bits`; `what` has it.

    Raises:
        UserError: if it is neither None nor a number of bits.
    """
    if bits is not None and not (type(bits) is int and 8 <= bits <= ALL_BITS):
        raise UserError(
            f"{what}: image_bits is {one_line(bits, 80)}, expected the bits that the camera fills of 16-bit images, 8 "
            "to 16; set it, or leave it out"
        )


def bits_of(images: Sequence[np.ndarray], paths: Sequence[str | Path], bits: int | None = None) -> int:
    """The bits that 16-bit images use, all of these images alike.

    Args:
        images: uint8, of which nothing is asked, or uint16.
        paths: of their files, for messages.
        bits: what the user says; None takes the fewest of a camera's bits that hold the largest value of all, with a
            warning.

    Raises:
        UserError: if `bits` do not hold the largest value.
    """
    deep = [(int(image.max()), str(path)) for image, path in zip(images, paths, strict=True) if image.dtype != np.uint8]
    if not deep:
        return ALL_BITS
    largest, path = max(deep)
    if bits is None:
        bits = next((bits for bits in CAMERA_BITS if largest < 2**bits), ALL_BITS)
        warn_of_bits(bits, path)
    elif largest >= 2**bits:
        raise UserError(
            f"{path}: the largest value of this image is {largest}, and image_bits={bits} holds {2**bits - 1}; set "
            f"image_bits={largest.bit_length()} or what the camera has"
        )
    return bits


def warn_of_bits(bits: int, path: str | Path) -> None:
    """Warns of an image that does not use all its bits, once a process for each number of them."""
    if bits == ALL_BITS or bits in warned_bits:
        return
    warned_bits.add(bits)
    warnings.warn(
        f"{path}: the largest value of this 16-bit image fits in {bits} bits, and by these it is brought to 8, each "
        "image or pair by its own; set image_bits=... of RGBDDataset or StereoPairDataset to the camera's bits, which "
        "brings all alike, or convert such images to 8 bits",
        stacklevel=5,
    )
