"""Which samples an epoch visits, in which order, on which rank."""

import pytest
import torch

from mdetools.contract.types import SampleIndex
from mdetools.engine.samplers import epoch_sampler
from mdetools.engine.samplers.epoch_sampler import EpochSampler


def deal(monkeypatch, size, world_size, epoch=0, start=0, **options):
    """What each rank is given."""
    ranks = []
    for rank in range(world_size):
        monkeypatch.setattr(epoch_sampler, "get_dist_info", lambda rank=rank: (rank, world_size))
        sampler = EpochSampler(range(size), **options)
        sampler.set_epoch(epoch, start)
        ranks.append(list(sampler))
    return ranks


def indices(ranks):
    """The indices in the order of the data set's list: rank 0's first, rank 1's first, ..."""
    return [sample.index for round_ in zip(*ranks, strict=True) for sample in round_]


@pytest.mark.parametrize("size, world_size", [(7, 1), (8, 2), (7, 2), (5, 3), (2, 5)])
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_ranks_share_the_set(monkeypatch, size, world_size, shuffle):
    """Everything once; the padding repeats the first entries at the very end, where an evaluation cuts it off."""
    ranks = deal(monkeypatch, size, world_size, shuffle=shuffle, seed=3)
    order = indices(ranks)
    padded = -(-size // world_size) * world_size
    assert [len(rank) for rank in ranks] == [padded // world_size] * world_size
    assert sorted(order[:size]) == list(range(size))
    assert order[size:] == [order[index % size] for index in range(size, padded)]
    if not shuffle:
        assert order[:size] == list(range(size))


def test_the_order_follows_from_seed_and_epoch(monkeypatch):
    orders = {
        (seed, epoch): indices(deal(monkeypatch, 50, 2, epoch=epoch, seed=seed))
        for seed in (0, 1)
        for epoch in (0, 1, 2)
    }
    assert len({tuple(order) for order in orders.values()}) == 6
    for (seed, epoch), order in orders.items():
        torch.manual_seed(99)
        assert order == indices(deal(monkeypatch, 50, 2, epoch=epoch, seed=seed))
        assert order == indices(deal(monkeypatch, 50, 1, epoch=epoch, seed=seed))


def test_samples_carry_all_that_their_randomness_follows_from(monkeypatch):
    (samples,) = deal(monkeypatch, 3, 1, epoch=4, shuffle=False, seed=7)
    assert samples == [SampleIndex(7, 4, 0), SampleIndex(7, 4, 1), SampleIndex(7, 4, 2)]
    (samples,) = deal(monkeypatch, 1, 1, seed=None)
    assert samples == [SampleIndex(0, 0, 0)]


def test_start_passes_over_exactly_that_many_of_each_rank(monkeypatch):
    whole = deal(monkeypatch, 11, 2, epoch=1, seed=5)
    rest = deal(monkeypatch, 11, 2, epoch=1, start=4, seed=5)
    assert rest == [rank[4:] for rank in whole]
    sampler = EpochSampler(range(11))
    sampler.set_epoch(0, start=4)
    assert len(sampler) == 6 and len(list(sampler)) == 2  # the length is that of the whole epoch
    sampler.set_epoch(1)
    assert len(list(sampler)) == 6
