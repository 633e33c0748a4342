import numpy as np

from mdetools.datasets.transforms.working_sample import transform_fields
from mdetools.errors import UserError
from mdetools.geometry import crop_intrinsics, crop_points
from mdetools.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomShiftCrop:
    """Cuts a window of a fixed size out of images and maps, at one random place.

    Args:
        size: (height, width) of the window, pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = tuple(size)

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the cropped sample."""
        free = np.subtract(sample["image"].shape[:2], self.size)
        if free.min() < 0:
            raise UserError(f"RandomShiftCrop: {self.size} is larger than the image; make the crop smaller")
        top, left = (int(value) for value in rng.integers(0, free + 1))
        window = slice(top, top + self.size[0]), slice(left, left + self.size[1])
        cropped = transform_fields(
            sample,
            image=lambda image: image[window],
            map=lambda values: values[window],
            camera=lambda matrix: crop_intrinsics(matrix, left, top),
            points=lambda points: crop_points(points, left, top, *self.size),
        )
        return cropped | {"size": np.array(self.size)}
