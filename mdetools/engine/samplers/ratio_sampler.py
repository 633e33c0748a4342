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

    An epoch visits each sample of the last part once, and fills the ranks' last round with some of them again; the
    other parts begin again, in another order, as often as it takes. With a batch size that is a multiple of the
    round's, every batch has the ratio. Like `EpochSampler` it yields `SampleIndex` objects and can begin in the
    middle of an epoch; so that a sample is augmented in another way each time it comes, their epoch counts the passes
    through its part.

    Args:
        dataset: a `ConcatDataset`.
        ratio: samples of each of its parts in a round.
        seed: of the order and of the samples' augmentation; None (a Runner without a seed) means 0.

    Raises:
        UserError: if the data set is no `ConcatDataset`, or the ratio does not fit its parts, or one of them is empty.
    """

    def __init__(self, dataset: ConcatDataset, ratio: Sequence[int], seed: int | None = None) -> None:
        self.lengths = [len(part) for part in dataset.datasets] if isinstance(dataset, ConcatDataset) else []
        shares = list(ratio) if isinstance(ratio, Sequence) else [ratio]
        if not self.lengths or len(shares) != len(self.lengths) or not all(_is_count(share) for share in shares):
            raise UserError(
                f"RatioSampler: the ratio is {shares} and the data set is a {type(dataset).__name__} of "
                f"{len(self.lengths)} parts, expected a ConcatDataset and a whole number from 1 on for each part"
            )
        if 0 in self.lengths:
            raise UserError(
                f"RatioSampler: the ConcatDataset's parts have {self.lengths} samples, expected some in each; leave "
                "the empty one out"
            )
        self.rank, self.world_size = get_dist_info()
        self.ratio = shares
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
        parts = [self.visits(part, rounds * share).reshape(rounds, share, 2) for part, share in enumerate(self.ratio)]
        own = np.concatenate(parts, axis=1)[self.rank :: self.world_size].reshape(-1, 2)
        for epoch, index in own[self.start :].tolist():
            yield SampleIndex(self.seed, epoch, index)

    def visits(self, part: int, count: int) -> np.ndarray:
        """The first `count` visits of a part's samples in this epoch: all of it in a random order, then in another, ...

        Returns:
            (count, 2) int64: which pass through the part it is, counted from the run's begin, and the sample's index.
        """
        rng = np.random.default_rng((self.seed, self.epoch, part))
        length, first = self.lengths[part], sum(self.lengths[:part])
        passes = -(-count // length)
        order = np.concatenate([rng.permutation(length) for _ in range(passes)])
        number = self.epoch * passes + np.repeat(np.arange(passes), length)
        return np.stack([number, first + order], axis=1)[:count]

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Chooses the epoch of the next iteration, and how many of this rank's samples to pass over."""
        self.epoch = epoch
        self.start = start


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 1
