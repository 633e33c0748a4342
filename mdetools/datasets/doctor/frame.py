"""A frame as the measures see it, whatever form its data set gives it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

__all__ = ["Frame", "frame_of", "image_size"]

WORKING_SIDE = 160  # pixels of the longer side at which shapes are compared


@dataclass(frozen=True)
class Frame:
    """One frame as plain arrays.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        depth: float (h, w), metres; None if there is none.
        valid: bool (h, w); None if there is no depth.
        right: uint8 (H, W, 3), the right image of a pair; None if there is none.
        intrinsics: (3, 3), pixels of the image; None if there are none.
        baseline: metres; None if there is none.
        files: paths that it was read from.
        path: of the file with the depth, where the data set says so.
    """

    image: np.ndarray
    depth: np.ndarray | None
    valid: np.ndarray | None
    right: np.ndarray | None
    intrinsics: np.ndarray | None
    baseline: float | None
    files: list[str]
    path: str | None = None

    @cached_property
    def grey(self) -> np.ndarray:
        """The image in grey, uint8 (H, W)."""
        return cv2.cvtColor(self.image, cv2.COLOR_RGB2GRAY)

    @cached_property
    def small_depth(self) -> np.ndarray:
        """The depth at the working size, float32, 0 where invalid: the nearest valid pixel of each block."""
        block = block_size(*self.depth.shape)
        height, width = self.depth.shape[0] // block, self.depth.shape[1] // block
        known = np.where(self.valid, self.depth, np.float32(np.inf))[: height * block, : width * block]
        nearest = known.reshape(height, block, width, block).min((1, 3))
        return np.where(np.isfinite(nearest), nearest, 0).astype(np.float32)


def frame_of(sample: Mapping, files: list[str]) -> Frame:
    """The frame of a working sample, or of a packed one whose arrays are tensors with the channels first."""
    depth, valid, right = (sample.get(key) for key in ("depth", "valid_mask", "image_right"))
    camera, baseline = sample.get("intrinsics"), sample.get("baseline")
    return Frame(
        image=channels_last(sample["image"]),
        depth=None if depth is None else plane(depth),
        valid=None if valid is None else plane(valid).astype(bool),
        right=None if right is None else channels_last(right),
        intrinsics=None if camera is None else np.asarray(camera),
        baseline=None if baseline is None else float(baseline),
        files=files,
        path=sample.get("meta", {}).get("path"),
    )


def block_size(height: int, width: int) -> int:
    """How many pixels become one on the way to the working size."""
    return max(1, min(round(max(height, width) / WORKING_SIDE), height, width))


def plane(values) -> np.ndarray:
    """A map (H, W) of a working sample, or the only channel of a packed one (1, H, W), as an array (H, W)."""
    array = np.asarray(values)
    return array[0] if array.ndim == 3 else array


def channels_last(image) -> np.ndarray:
    """An image (H, W, 3) of a working sample, or of a packed one, a tensor (3, H, W), as an array uint8 (H, W, 3)."""
    array = image if isinstance(image, np.ndarray) else np.asarray(image).transpose(1, 2, 0)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    scale = 255 if array.size and array.max() <= 1 else 1  # images of another project may be 0..1
    return np.ascontiguousarray((array * scale).clip(0, 255).astype(np.uint8))


def image_size(image) -> tuple[int, int]:
    """(height, width) of an image (H, W, 3) of a working sample, or of a packed one, a tensor (3, H, W)."""
    return tuple(image.shape[:2] if isinstance(image, np.ndarray) else image.shape[-2:])
