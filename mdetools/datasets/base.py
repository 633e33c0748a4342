"""The data set that all others derive from: load, transform, with randomness from the sample's index alone."""

import warnings
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from torch.utils.data import Dataset

from mdetools.contract import Sample, SampleIndex
from mdetools.datasets.sample_index import resolve_index
from mdetools.errors import UserError
from mdetools.registry import TRANSFORMS

__all__ = ["BaseDataset", "Pipeline"]

Pipeline = Sequence[dict] | Mapping[str, dict | None]

# Each worker has one core. Done at import, so that it holds in forked and in spawned workers and in the main process.
cv2.setNumThreads(0)


class BaseDataset(Dataset):
    """A map-style data set.

    A subclass gives `__len__` and `load(index)`, which returns a *working sample* of numpy arrays, by the keys of
    `mdetools.contract.FIELDS`: images uint8 (H, W, 3) RGB; maps (H, W), or (H, W, C) of several channels, such as
    `depth` float32 in metres with 0 = invalid and `valid_mask` bool; `intrinsics` float32 (3, 3); points (N, ..., 2);
    plain values; and `meta`, strings only, with `id` and `path`. `image` and `meta` are always there. `size`, the
    image's, is added here.

    `dataset[i]` takes an int, or a `SampleIndex` whose (seed, epoch, index) is all that the sample's randomness
    depends on; an int means seed 0 and epoch 0.

    Args:
        pipeline: configs of transforms (registry `TRANSFORMS`), applied in turn, each called as
            `transform(sample, rng)`: a list, or a dict by name, which a derived config and the command line can change
            one by one; a None in it is left out.
    """

    depth_source: str | None = None  # which ground truth `depth` is, where the data set has several

    def __init__(self, pipeline: Pipeline = ()) -> None:
        configs = pipeline.values() if isinstance(pipeline, Mapping) else pipeline
        self.transforms = [TRANSFORMS.build(config) for config in configs if config is not None]
        self.all_hole: set[str] = set()

    @property
    def metainfo(self) -> dict[str, str | None]:
        """What MMEngine's loops tell a metric about the data set."""
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
        seed, epoch, position = resolve_index(index, len(self))
        sample = self.load(position)
        sample.setdefault("size", np.array(sample["image"].shape[:2]))
        if "valid_mask" in sample and not sample["valid_mask"].any():
            self.warn_all_hole(sample)
        meta = sample.get("meta", {})
        try:
            return self.transform(sample, np.random.default_rng((seed, epoch, position)))
        except UserError as error:
            path, told = str(meta.get("path", "")), str(error)
            named = path in told or told.startswith(f"{meta.get('id')}:")
            raise error if named else UserError(f"{path}: {error}") from error

    def warn_all_hole(self, sample: dict) -> None:
        """Warns, once per file and process, of a frame without a single valid pixel."""
        path = sample["meta"]["path"]
        if path in self.all_hole:
            return
        self.all_hole.add(path)
        warnings.warn(
            f"{path}: all {sample['valid_mask'].size} pixels of the depth are holes, so it adds nothing to a loss or a "
            f"metric ({len(self.all_hole)} such frames so far); leave the file out",
            stacklevel=3,
        )
