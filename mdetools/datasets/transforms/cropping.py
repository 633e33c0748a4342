"""Crops. All fields of a sample follow the image."""

import numpy as np

from mdetools.datasets.transforms.geometric import pair
from mdetools.datasets.transforms.working_sample import maps_fit, transform_fields
from mdetools.errors import UserError
from mdetools.geometry import crop_intrinsics, crop_points
from mdetools.registry import TRANSFORMS

__all__ = ["RandomAspectCrop", "RandomCrop", "RandomZoom", "crop"]


def crop(sample: dict, top: int, left: int, height: int, width: int) -> dict:
    """The window of a working sample whose first pixel is (top, left), as views.

    `size` becomes that of the window in pixels of the image as it was loaded.

    Raises:
        UserError: if a map has not the image's size.
    """
    if not maps_fit(sample):
        raise UserError(
            f"{sample['meta']['id']}: image and maps differ in size before the crop; set resize_depth=True in Resize"
        )
    window = np.s_[top : top + height, left : left + width]
    cropped = transform_fields(
        sample,
        image=lambda array: array[window],
        map=lambda array: array[window],
        camera=lambda matrix: crop_intrinsics(matrix, left, top),
        points=lambda points: crop_points(points, left, top, height, width),
    )
    if "size" in sample:
        (rows, columns), (old_rows, old_columns) = sample["size"].tolist(), sample["image"].shape[:2]
        cropped["size"] = np.array([round(rows * height / old_rows), round(columns * width / old_columns)])
    return cropped


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


@TRANSFORMS.register_module()
class RandomZoom:
    """Crops a window of 1 / zoom of the image's sides at a random place, the same in both images of a pair.

    With a `Resize` to a fixed size after it, this is the augmentation "upscale by a random factor, then crop back" of
    Garg et al. (ECCV 2016), at less cost: only pixels that stay are resized, and once. The window begins at whole
    pixels and has the image's aspect up to rounding.

    Args:
        zoom: range of the factor, uniform, from 1 on.
    """

    def __init__(self, zoom: tuple[float, float] = (1.0, 1.6)) -> None:
        self.zoom = zoom

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the window, as views."""
        shape, zoom = sample["image"].shape[:2], rng.uniform(*self.zoom)
        height, width = round(shape[0] / zoom), round(shape[1] / zoom)
        top, left = rng.integers(shape[0] - height + 1), rng.integers(shape[1] - width + 1)
        return crop(sample, int(top), int(left), height, width)
