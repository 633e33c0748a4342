"""Images in batches of one size, read and resized by a loader's workers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from mdetools.contract import SampleIndex
from mdetools.datasets.collation import collate_samples
from mdetools.engine.process.loader_start import LoaderStart
from mdetools.errors import UserError

__all__ = ["Loaded", "check_pipeline", "load_batches"]

PROBE = 1500  # pixels of a side, more than any crop of a benchmark


class Loaded(NamedTuple):
    """What became of the images of one batch.

    Attributes:
        groups: for each size that the network gets, the positions of the images in the data set, and their batch.
        broken: positions of the images that cannot be read, and why not.
    """

    groups: list[tuple[list[int], dict]]
    broken: list[tuple[int, str]]


class BatchReader(Dataset):
    """Reads whole batches, each by its number.

    Args:
        images: data set of the images; a `UserError` from it means that an image cannot be read.
        batches: positions of the images of each.
    """

    def __init__(self, images: Dataset, batches: Sequence[Sequence[int]]) -> None:
        self.images, self.batches = images, batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, number: int) -> Loaded:
        by_size, broken = defaultdict(list), []
        for position in self.batches[number]:
            try:
                sample = self.images[SampleIndex(0, 0, position)]
            except UserError as error:
                broken.append((position, str(error)))
            else:
                by_size[sample["image"].shape].append((position, sample))
        groups = [
            ([position for position, _ in group], collate_samples([sample for _, sample in group]))
            for group in by_size.values()
        ]
        return Loaded(groups, broken)


def unchanged(loaded: Loaded) -> Loaded:
    """In place of torch's conversion of a sample that is a batch already."""
    return loaded


def load_batches(images: Dataset, batches: Sequence[Sequence[int]], workers: int) -> DataLoader:
    """A loader that gives each batch as a `Loaded`, in their order.

    Args:
        images: data set of the images, with its pipeline.
        batches: positions of the images of each.
        workers: processes that read; 0 reads in this one.
    """
    return DataLoader(
        BatchReader(images, batches),
        batch_size=None,
        num_workers=workers,
        collate_fn=unchanged,
        worker_init_fn=LoaderStart(None),
    )


def check_pipeline(transforms: Sequence) -> None:
    """Checks that a pipeline shows the network whole images, so that what it predicts fits the image file.

    Raises:
        UserError: if one of its transforms crops or mirrors.
    """
    camera = off_centre(PROBE, PROBE)
    sample = {"image": np.zeros((PROBE, PROBE, 3), np.uint8), "intrinsics": camera, "meta": {"id": "", "path": ""}}
    for transform in transforms:
        sample = transform(sample, np.random.default_rng(0))
        shape = sample["image"].shape
        whole = off_centre(*(shape[-2:] if torch.is_tensor(sample["image"]) else shape[:2]))
        if not np.allclose(np.asarray(sample["intrinsics"]), whole, atol=0.1):
            raise UserError(
                f"the config's test pipeline has {type(transform).__name__}, which shows a part of the image or "
                "mirrors it, so that labels would not fit; leave it out, e.g. --cfg-options "
                "test_dataloader.dataset.pipeline.crop=None"
            )


def off_centre(height: int, width: int) -> np.ndarray:
    """A camera (3, 3) that no crop or mirror leaves as it is, and that a resize makes that of the new size."""
    return np.array([[width, 0, width / 4 - 0.5], [0, height, height / 4 - 0.5], [0, 0, 1]], np.float32)
