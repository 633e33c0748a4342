"""A part of a data set."""

from collections.abc import Sequence

import numpy as np
from torch.utils.data import Dataset

from mdetools.contract import Sample, SampleIndex
from mdetools.datasets.sample_index import resolve_index
from mdetools.errors import UserError
from mdetools.registry import DATASETS

__all__ = ["SubsetDataset"]


@DATASETS.register_module()
class SubsetDataset(Dataset):
    """Chosen samples of a data set, or so many of them at random.

    Args:
        dataset: config from DATASETS.
        indices: of the samples, in their order.
        count: in place of `indices`: that many, drawn without replacement, in the data set's order.
        seed: of the draw.

    Raises:
        UserError: if neither or both of `indices` and `count` are given, or the data set has not so many samples.
    """

    def __init__(
        self, dataset: dict, indices: Sequence[int] | None = None, count: int | None = None, seed: int = 0
    ) -> None:
        if (indices is None) == (count is None):
            raise UserError("SubsetDataset takes either indices or count; give one of them")
        self.dataset = DATASETS.build(dataset)
        length = len(self.dataset)
        wanted = count if indices is None else max(indices, default=-1) + 1
        if not 0 < wanted <= length:
            raise UserError(
                f"SubsetDataset: {wanted} samples are asked for and the data set has {length}; ask for less"
            )
        if indices is None:
            indices = np.sort(np.random.default_rng(seed).choice(length, count, replace=False)).tolist()
        self.indices = list(indices)

    @property
    def metainfo(self) -> dict[str, str | None]:
        """What MMEngine's loops tell a metric about the data set."""
        return getattr(self.dataset, "metainfo", {})

    def __len__(self) -> int:
        return len(self.indices)

    def load(self, index: int) -> dict:
        """Returns the working sample `index`. See `BaseDataset.load`."""
        return self.dataset.load(self.indices[index])

    def __getitem__(self, index: int | SampleIndex) -> Sample:
        seed, epoch, position = resolve_index(index, len(self))
        return self.dataset[SampleIndex(seed, epoch, self.indices[position])]
