"""The crop of KITTI's depth benchmark."""

import numpy as np

from mdetools.datasets.transforms.cropping import crop
from mdetools.datasets.transforms.depth_range import keep_depth
from mdetools.errors import UserError, suggest
from mdetools.geometry import CROPS, KB_HEIGHT, KB_WIDTH, crop_box
from mdetools.registry import TRANSFORMS

__all__ = ["BenchmarkCrop"]


@TRANSFORMS.register_module()
class BenchmarkCrop:
    """Crops to the 352 lowest rows and the 1216 columns in the middle: the images of KITTI's depth benchmark.

    All of KITTI's frames then have one size. There are two published orders of this crop and Garg's or Eigen's window:

    - the window is taken of the cropped frame (ZoeDepth, Marigold): protocols `kitti_kb_garg_80`, `kitti_kb_eigen_80`;
    - of the whole frame, into which the prediction is pasted (BTS, AdaBins): `window` here, and a protocol without a
      crop, `dict(base="kitti_garg_80", name="kitti_bts_garg_80", crop=None)`.

    Args:
        window: a key of `CROPS`, such as `garg` or `eigen`: the depth outside of that window of the whole frame becomes
            invalid, and no sky is there. None leaves it.

    Raises:
        UserError: if there is no such window.
    """

    def __init__(self, window: str | None = None) -> None:
        if window not in (None, *CROPS):
            raise UserError(f"BenchmarkCrop has no window '{window}'; {suggest(window, (None, *CROPS))}")
        self.window = window

    def __call__(self, sample: dict, rng: np.random.Generator) -> dict:
        """Returns the crop, as views.

        Raises:
            UserError: if the image is smaller than 352x1216.
        """
        height, width = sample["image"].shape[:2]
        if height < KB_HEIGHT or width < KB_WIDTH:
            raise UserError(
                f"{sample['meta']['id']}: the image is {height}x{width}, expected {KB_HEIGHT}x{KB_WIDTH} at least; "
                "leave BenchmarkCrop out, or put it before the Resize"
            )
        top, _, left, _ = crop_box("kb", height, width)
        cropped = crop(sample, top, left, KB_HEIGHT, KB_WIDTH)
        if self.window is None:
            return cropped
        first, last, start, end = crop_box(self.window, height, width)
        inside = np.zeros((height, width), bool)
        inside[first:last, start:end] = True
        inside = inside[top:, left : left + KB_WIDTH]
        if "sky" in cropped:
            cropped["sky"] = cropped["sky"] & inside
        return keep_depth(cropped, inside)
