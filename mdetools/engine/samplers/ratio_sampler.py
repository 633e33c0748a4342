"""Samples of several data sets in a fixed ratio."""

from collections.abc import Iterator, Sequence

import numpy as np
from mmengine.dist import get_dist_info
from torch.utils.data import Sampler

from mdetools.contract import SampleIndex
from mdetools.datasets.wrappers import ConcatDataset
from mdetools.errors import UserError
from mdetools.registry import DATA_SAMPLERS

__all__ = ["RatioSampler"]


@DATA_SAMPLERS.register_module()
class RatioSampler(Sampler):
    """Deals rounds, such as one labelled and two unlabelled samples, to the ranks in turn.

    An epoch visits each sample of the last part once; the other parts begin again, in another order, as often as it
    takes. With a batch size that is a multiple of the round's, every batch has the ratio. Like `EpochSampler` it yields
    `SampleIndex(seed, epoch, index)`, and can begin in the middle of an epoch.

    Args:
        dataset: a `ConcatDataset`.
        ratio: samples of each of its parts in a round.
        seed: of the order and of the samples' augmentation; None (a Runner without a seed) means 0.

    Raises:
        UserError: if the data set is no `ConcatDataset`, or the ratio does not fit its parts.
    """

    def __init__(self, dataset: ConcatDataset, ratio: Sequence[int], seed: int | None = None) -> None:
        if not isinstance(dataset, ConcatDataset) or len(ratio) != len(dataset.datasets) or min(ratio) < 1:
            parts = len(dataset.datasets) if isinstance(dataset, ConcatDataset) else 0
            raise UserError(
                f"RatioSampler: the ratio is {tuple(ratio)} and the data set is a {type(dataset).__name__} of {parts} "
                "parts, expected a ConcatDataset and a number from 1 on for each part"
            )
        self.rank, self.world_size = get_dist_info()
        self.lengths = [len(part) for part in dataset.datasets]
        self.ratio = list(ratio)
        self.seed = seed or 0
        self.epoch = 0
        self.start = 0

    @property
    def rounds(self) -> int:
        """Of each rank in a whole epoch."""
        return -(-self.lengths[-1] // (self.ratio[-1] * self.world_size))

    def __len__(self) -> int:
        """Samples per rank in a whole epoch."""
        return self.rounds * sum(self.ratio)

    def __iter__(self) -> Iterator[SampleIndex]:
        rounds = self.rounds * self.world_size
        firsts = np.cumsum([0, *self.lengths[:-1]])
        parts = [
            first + self.order(part, rounds * share).reshape(rounds, share)
            for part, (first, share) in enumerate(zip(firsts, self.ratio, strict=True))
        ]
        own = np.concatenate(parts, axis=1)[self.rank :: self.world_size].ravel()
        for index in own[self.start :]:
            yield SampleIndex(self.seed, self.epoch, int(index))

    def order(self, part: int, count: int) -> np.ndarray:
        """`count` positions in a part: random orders of all of it, one after the other."""
        rng = np.random.default_rng((self.seed, self.epoch, part))
        passes = -(-count // self.lengths[part])
        return np.concatenate([rng.permutation(self.lengths[part]) for _ in range(passes)])[:count]

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Chooses the epoch of the next iteration, and how many of this rank's samples to pass over."""
        self.epoch = epoch
        self.start = start
