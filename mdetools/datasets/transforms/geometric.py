"""Flip, resize and crop. All keep `intrinsics` true to the image, and masks and depth true to each other."""

import math
from collections.abc import Callable

import cv2
import numpy as np

from mdetools.errors import UserError
from mdetools.geometry.intrinsics import crop_intrinsics, flip_intrinsics, resize_intrinsics
from mdetools.registry import TRANSFORMS

__all__ = ["RandomAspectCrop", "RandomCrop", "RandomHorizontalFlip", "Resize", "lower_bound_size"]

IMAGES = ("image", "image_right")
MAPS = ("depth", "inverse_depth", "valid_mask")


def apply_to(sample: dict, keys: tuple[str, ...], change: Callable[[np.ndarray], np.ndarray]) -> dict:
    """The arrays of `sample` under those of `keys` that it has, each changed."""
    return {key: change(sample[key]) for key in keys if key in sample}


def lower_bound_size(
    height: int, width: int, size: tuple[int, int], multiple_of: int = 14, keep_aspect: bool = True
) -> tuple[int, int]:
    """The size of an image after a "lower bound" resize, as MiDaS and Depth Anything define it.

    Each side is rounded to the nearest multiple (a half to the even one), or up if that falls below `size`. The aspect
    ratio is kept up to this rounding.

    Args:
        height: pixels.
        width: pixels.
        size: (height, width) that the result at least has.
        multiple_of: both sides of the result are a multiple of it.
        keep_aspect: scale both sides by the larger of the two factors; otherwise each by its own.

    Returns:
        (height, width), pixels.
    """
    scale_y, scale_x = size[0] / height, size[1] / width
    if keep_aspect:
        scale_y = scale_x = max(scale_y, scale_x)

    def to_multiple(length: float, at_least: int) -> int:
        rounded = round(length / multiple_of) * multiple_of
        return rounded if rounded >= at_least else math.ceil(length / multiple_of) * multiple_of

    return to_multiple(scale_y * height, size[0]), to_multiple(scale_x * width, size[1])


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """(size, size) of an int, (height, width) of two."""
    return (size, size) if isinstance(size, int) else tuple(size)


@TRANSFORMS.register_module()
class RandomHorizontalFlip:
    """Flips left and right.

    The two images of a stereo pair are flipped *and swapped*, so that a left pixel x still matches the right pixel
    x - disparity, d > 0. Both are taken to have the same intrinsics (a rectified pair). Depth and masks belong to the
    left image, which is now another one: they are emptied (0 and False).

    Args:
        prob: probability of the flip.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the sample, flipped or as it was."""
        if rng.random() >= self.prob:
            return sample
        width = sample["image"].shape[1]
        flipped = {**sample, "intrinsics": flip_intrinsics(sample["intrinsics"], width)}
        flipped |= apply_to(sample, IMAGES, lambda image: cv2.flip(image, 1))
        if "image_right" in sample:
            flipped["image"], flipped["image_right"] = flipped["image_right"], flipped["image"]
            return flipped | apply_to(sample, MAPS, np.zeros_like)
        return flipped | apply_to(sample, MAPS, np.fliplr)


@TRANSFORMS.register_module()
class Resize:
    """Resizes to a "lower bound", see `lower_bound_size`; images by cubic, maps by nearest interpolation.

    Images stay uint8. Cubic interpolation overshoots at edges, and uint8 clips and rounds what the published recipe,
    which resizes float images, keeps: on photographs the two differ by about a quarter of a grey level on average,
    less than the noise augmentation, and the resize takes a fifth of the time. The nearest pixel is chosen by pixel
    centres (`INTER_NEAREST_EXACT`): the plain `INTER_NEAREST` of OpenCV shifts the depth half an output pixel
    against the image.

    Args:
        size: what the sides are at least, an int or (height, width), pixels.
        multiple_of: both sides become a multiple of it (the patch size).
        keep_aspect: keep the aspect ratio up to rounding.
        resize_depth: False leaves depth and masks at their own size, for evaluation there. `intrinsics` follow the
            image in any case.
    """

    def __init__(
        self,
        size: int | tuple[int, int] = 518,
        multiple_of: int = 14,
        keep_aspect: bool = True,
        resize_depth: bool = True,
    ) -> None:
        self.size = pair(size)
        self.multiple_of = multiple_of
        self.keep_aspect = keep_aspect
        self.resize_depth = resize_depth

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the resized sample."""
        old_height, old_width = sample["image"].shape[:2]
        height, width = lower_bound_size(old_height, old_width, self.size, self.multiple_of, self.keep_aspect)
        intrinsics = resize_intrinsics(sample["intrinsics"], width / old_width, height / old_height)
        resized = {**sample, "intrinsics": intrinsics}
        resized |= apply_to(
            sample, IMAGES, lambda image: cv2.resize(image, (width, height), None, 0, 0, cv2.INTER_CUBIC)
        )
        if self.resize_depth:
            resized |= apply_to(sample, MAPS, lambda array: resize_nearest(array, height, width))
        return resized


def resize_nearest(array: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes a float32 or bool map (h, w) to (height, width), each pixel taken from the one nearest to its centre."""
    if array.dtype == bool:  # which OpenCV does not know
        return resize_nearest(array.view(np.uint8), height, width).view(bool)
    return cv2.resize(array, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)


def crop(sample: dict, top: int, left: int, height: int, width: int) -> dict:
    """The window of a working sample whose first pixel is (top, left), as views.

    Raises:
        UserError: if the depth or the mask has not the image's size.
    """
    shape = sample["image"].shape[:2]
    if any(array.shape[:2] != shape for array in apply_to(sample, MAPS, np.asarray).values()):
        raise UserError(
            f"{sample['meta']['id']}: image and depth differ in size before the crop; set resize_depth=True in Resize"
        )
    window = np.s_[top : top + height, left : left + width]
    cropped = {**sample, "intrinsics": crop_intrinsics(sample["intrinsics"], left, top)}
    return cropped | apply_to(sample, IMAGES + MAPS, lambda array: array[window])


@TRANSFORMS.register_module()
class RandomCrop:
    """Crops a window of a given size at a random place.

    Args:
        size: of the window, an int or (height, width), pixels.
    """

    def __init__(self, size: int | tuple[int, int]) -> None:
        self.size = pair(size)

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the crop, as views.

        Raises:
            UserError: if the image is smaller than the window.
        """
        (height, width), size = sample["image"].shape[:2], self.size
        if height < size[0] or width < size[1]:
            raise UserError(
                f"{sample['meta']['id']}: the image is {height}x{width}, smaller than the crop of {size[0]}x{size[1]}; "
                "make the crop smaller, or put a Resize of at least its size before it"
            )
        top, left = rng.integers(height - size[0] + 1), rng.integers(width - size[1] + 1)
        return crop(sample, int(top), int(left), *size)


@TRANSFORMS.register_module()
class RandomAspectCrop:
    """Crops the largest window of a given aspect ratio at a random place.

    Before a `Resize` it does what `RandomCrop` does after it, at less cost: the photometric transforms and the resize
    touch only the pixels that stay. Against "resize, then crop", the window begins at a whole pixel of the original
    image, and the aspect ratio stays exact where it would be rounded to a multiple of the patch (640x480 -> 686x518).

    Args:
        aspect: width / height of the window.
    """

    def __init__(self, aspect: float = 1.0) -> None:
        self.aspect = aspect

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the crop, as views."""
        shape = sample["image"].shape[:2]
        height = min(shape[0], round(shape[1] / self.aspect))
        width = min(shape[1], round(shape[0] * self.aspect))
        top, left = rng.integers(shape[0] - height + 1), rng.integers(shape[1] - width + 1)
        return crop(sample, int(top), int(left), height, width)
