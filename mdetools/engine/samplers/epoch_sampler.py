"""Which samples an epoch visits, in which order, on which rank."""

from collections.abc import Iterator, Sized

import numpy as np
from mmengine.dist import get_dist_info
from torch.utils.data import Sampler

from mdetools.contract import SampleIndex
from mdetools.registry import DATA_SAMPLERS

__all__ = ["EpochSampler"]


@DATA_SAMPLERS.register_module()
class EpochSampler(Sampler):
    """Deals an epoch's samples to the ranks in turn, and can begin in the middle of an epoch.

    It yields `SampleIndex(seed, epoch, index)`, so that the augmentation of a sample follows from these three alone:
    not from the worker that loads it, nor from what was loaded before.

    The list is padded with its first entries until every rank has equally many; MMEngine's `collect_results` drops the
    duplicates of an evaluation again because the ranks are interleaved.

    Args:
        dataset: the data set; only its length is used.
        shuffle: whether each epoch has its own random order.
        seed: of the order and of the samples' augmentation; None (a Runner without a seed) means 0.
    """

    def __init__(self, dataset: Sized, shuffle: bool = True, seed: int | None = None) -> None:
        self.rank, self.world_size = get_dist_info()
        self.size = len(dataset)
        self.shuffle = shuffle
        self.seed = seed or 0
        self.epoch = 0
        self.start = 0

    def __iter__(self) -> Iterator[SampleIndex]:
        order = np.arange(self.size)
        if self.shuffle:
            order = np.random.default_rng((self.seed, self.epoch)).permutation(self.size)
        order = np.resize(order, len(self) * self.world_size)
        for index in order[self.rank :: self.world_size][self.start :]:
            yield SampleIndex(self.seed, self.epoch, int(index))

    def __len__(self) -> int:
        """Samples per rank in a whole epoch."""
        return -(-self.size // self.world_size)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Chooses the epoch of the next iteration, and how many of this rank's samples to pass over."""
        self.epoch = epoch
        self.start = start
