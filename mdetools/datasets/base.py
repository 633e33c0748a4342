"""The dataset that all others derive from: load, check, transform, with randomness from the sample's index alone."""

import warnings
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from torch.utils.data import Dataset

from mdetools.contract.types import Sample, SampleIndex
from mdetools.errors import UserError
from mdetools.registry import TRANSFORMS

__all__ = ["DepthDataset", "Pipeline", "check_depth", "check_image", "check_intrinsics"]

Pipeline = Sequence[dict] | Mapping[str, dict | None]

# Each worker has one core. Done at import, so that it holds in forked and in spawned workers and in the main process.
cv2.setNumThreads(0)


def check_image(image: np.ndarray, path: str) -> None:
    """Checks an RGB image as it was loaded.

    Args:
        image: (H, W, 3), to be uint8.
        path: what to call it in the error.

    Raises:
        UserError: if it is not uint8, has not three channels, or no pixel.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UserError(
            f"{path}: the image has shape {image.shape} and type {image.dtype}, expected RGB of type uint8 with three "
            "channels; convert the file"
        )


def check_depth(depth: np.ndarray, path: str, image: np.ndarray | None = None) -> None:
    """Checks a depth map as it was loaded.

    Args:
        depth: (H, W), metres, 0 where there is no measurement.
        path: what to call it in the error.
        image: (H, W, 3), the image it belongs to.

    Raises:
        UserError: if it holds NaN, infinite or negative values, or has not the image's size.
    """
    if depth.ndim != 2 or (image is not None and depth.shape != image.shape[:2]):
        expected = "(H, W)" if image is None else f"{image.shape[:2]}, as the image"
        raise UserError(f"{path}: depth has shape {depth.shape}, expected {expected}; register the depth to the image")
    if depth.size and not (depth.min() >= 0 and depth.max() < np.inf):  # False for NaN too
        counts = {"NaN": np.isnan(depth), "infinite": np.isinf(depth), "negative": np.isfinite(depth) & (depth < 0)}
        found = ", ".join(f"{mask.sum()} {kind}" for kind, mask in counts.items() if mask.any())
        raise UserError(
            f"{path}: depth has {found} of {depth.size} values, expected metres with 0 where there is no measurement; "
            "set these pixels to 0 in the file"
        )


def check_intrinsics(intrinsics: np.ndarray, path: str) -> None:
    """Checks a camera matrix as it was loaded.

    Args:
        intrinsics: (3, 3), pixels.
        path: what to call it in the error.

    Raises:
        UserError: if it has another shape, is not finite, or a focal length is not positive.
    """
    if intrinsics.shape != (3, 3) or not np.isfinite(intrinsics).all() or min(intrinsics[0, 0], intrinsics[1, 1]) <= 0:
        raise UserError(
            f"{path}: intrinsics are {' '.join(str(intrinsics).split())}, expected a 3x3 camera matrix "
            "[[fx, 0, cx], [0, fy, cy], [0, 0, 1]] in pixels; convert them, or leave them out for the NYU camera's"
        )


class DepthDataset(Dataset):
    """A map-style dataset of images with depth.

    A subclass gives `__len__` and `load(index)`, which returns a *working sample* of numpy arrays: `image` uint8
    (H, W, 3) RGB, optionally `image_right` likewise, `depth` float32 (H, W) in metres with 0 = invalid, `valid_mask`
    bool (H, W), `intrinsics` float32 (3, 3), optionally `baseline` float in metres, and `meta`, strings only, with
    `id` and `path`.

    `dataset[i]` takes an int, or a `SampleIndex` whose (seed, epoch, index) is all that the sample's randomness
    depends on; an int means seed 0 and epoch 0.

    Args:
        pipeline: configs of transforms (registry `TRANSFORMS`), applied in turn, each called as
            `transform(sample, rng)`: a list, or a dict by name, which a derived config and the command line can change
            one by one; a None in it is passed over.
    """

    depth_source: str | None = None  # which ground truth `depth` is, where the data set has several

    def __init__(self, pipeline: Pipeline = ()) -> None:
        configs = pipeline.values() if isinstance(pipeline, Mapping) else pipeline
        self.transforms = [TRANSFORMS.build(config) for config in configs if config is not None]
        self.all_hole: set[str] = set()

    @property
    def metainfo(self) -> dict[str, str | None]:
        """What MMEngine's loops tell a metric of the data set."""
        return {"ground_truth": self.depth_source}

    def __len__(self) -> int:
        raise NotImplementedError

    def load(self, index: int) -> dict:
        """Returns the working sample `index` (0 <= index < len), checked.

        Raises:
            UserError: if the files of the sample are not what was expected.
        """
        raise NotImplementedError

    def transform(self, sample: dict, rng: np.random.Generator) -> Sample:
        """Sends a working sample through the pipeline."""
        for transform in self.transforms:
            sample = transform(sample, rng)
        return sample

    def __getitem__(self, index: int | SampleIndex) -> Sample:
        seed, epoch, position = index if isinstance(index, SampleIndex) else (0, 0, index)
        position = range(len(self))[position]  # IndexError past the end, and -1 is the last
        sample = self.load(position)
        if "valid_mask" in sample and not sample["valid_mask"].any():
            self.warn_all_hole(sample)
        return self.transform(sample, np.random.default_rng((seed, epoch, position)))

    def warn_all_hole(self, sample: dict) -> None:
        """Warns, once a file and process, of a frame without a single valid pixel."""
        path = sample["meta"]["path"]
        if path in self.all_hole:
            return
        self.all_hole.add(path)
        warnings.warn(
            f"{path}: all {sample['valid_mask'].size} pixels of the depth are holes, so it adds nothing to a loss or a "
            f"metric ({len(self.all_hole)} such frames so far); leave the file out",
            stacklevel=3,
        )
