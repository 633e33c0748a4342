"""Rounds of several data sets: how often each sample comes, in which order, on which rank."""

import json
from collections import Counter

import numpy as np
import pytest
from mmengine.dist import get_dist_info
from support.field_layouts import picture, write_image
from support.tiny_training import in_child, in_two_processes
from torch.utils.data import DataLoader

from mdetools.datasets import BaseDataset, collate_samples
from mdetools.datasets.wrappers import ConcatDataset
from mdetools.engine.process.distributed import leave_process_group, start_process_group
from mdetools.engine.samplers import RatioSampler, ratio_sampler
from mdetools.errors import UserError
from mdetools.registry import DATASETS


@DATASETS.register_module()
class Numbered(BaseDataset):
    """So many grey images."""

    def __init__(self, length, pipeline=()):
        super().__init__(pipeline)
        self.length = length

    def __len__(self):
        return self.length

    def load(self, index):
        return {"image": np.zeros((2, 2, 3), np.uint8), "meta": {"id": str(index), "path": str(index)}}


def concat(*lengths):
    pack = [{"type": "PackSample"}]
    return ConcatDataset([{"type": "Numbered", "length": length, "pipeline": pack} for length in lengths])


def deal(monkeypatch, dataset, ratio, world_size=1, epoch=0, start=0, seed=3):
    """What each rank is given."""
    ranks = []
    for rank in range(world_size):
        monkeypatch.setattr(ratio_sampler, "get_dist_info", lambda rank=rank: (rank, world_size))
        sampler = RatioSampler(dataset, ratio, seed)
        sampler.set_epoch(epoch, start)
        ranks.append(list(sampler))
        assert len(ranks[-1]) == len(sampler) - start
    return ranks


@pytest.mark.parametrize("world_size", [1, 2, 3])
@pytest.mark.parametrize(
    "lengths, ratio", [((3, 14), (1, 2)), ((10, 5), (2, 1)), ((4, 2, 9), (1, 1, 2)), ((50, 4), (1, 4))]
)
def test_every_round_has_the_ratio_and_the_last_part_comes_once(monkeypatch, lengths, ratio, world_size):
    ranks = deal(monkeypatch, concat(*lengths), ratio, world_size)
    ends = np.cumsum(lengths)
    wanted = [part for part, share in enumerate(ratio) for _ in range(share)]
    for rank in ranks:
        parts = np.searchsorted(ends, [sample.index for sample in rank], side="right")
        assert parts.tolist() == wanted * (len(rank) // len(wanted))
    rounds = [rank[start : start + sum(ratio)] for start in range(0, len(ranks[0]), sum(ratio)) for rank in ranks]
    assert len(rounds) == world_size * -(-lengths[-1] // (ratio[-1] * world_size))
    for part, length in enumerate(lengths):
        visited = [s.index for one in rounds for s in one if part == np.searchsorted(ends, s.index, side="right")]
        first = ends[part] - length
        for begin in range(0, len(visited), length):  # each pass is an order of the whole part
            once = visited[begin : begin + length]
            assert len(set(once)) == len(once) and min(once) >= first and max(once) < ends[part]
        if part == len(lengths) - 1:
            assert sorted(visited[:length]) == list(range(first, ends[part]))
            assert len(visited) - length < ratio[-1] * world_size


def test_the_ranks_share_what_one_process_would_visit(monkeypatch):
    """16 of 16: nothing is filled up, and the ranks' rounds in turn are those of one process."""
    dataset = concat(3, 16)
    (one,) = deal(monkeypatch, dataset, (1, 2))
    two = deal(monkeypatch, dataset, (1, 2), world_size=2)
    dealt = [sample for start in range(0, 12, 3) for rank in two for sample in rank[start : start + 3]]
    assert dealt == one


def test_start_goes_on_exactly(monkeypatch):
    dataset = concat(3, 14)
    whole = deal(monkeypatch, dataset, (1, 2), world_size=2, epoch=4)
    rest = deal(monkeypatch, dataset, (1, 2), world_size=2, epoch=4, start=5)
    assert rest == [rank[5:] for rank in whole]


def test_the_order_follows_from_seed_and_epoch(monkeypatch):
    dataset = concat(5, 20)
    orders = {
        (seed, epoch): [s.index for s in deal(monkeypatch, dataset, (1, 1), epoch=epoch, seed=seed)[0]]
        for seed in (0, 1)
        for epoch in (0, 1, 2)
    }
    assert len({tuple(order) for order in orders.values()}) == 6
    for (seed, epoch), order in orders.items():
        np.random.seed(99)
        assert order == [s.index for s in deal(monkeypatch, dataset, (1, 1), epoch=epoch, seed=seed)[0]]
    assert deal(monkeypatch, dataset, (1, 1), seed=None) == deal(monkeypatch, dataset, (1, 1), seed=0)


def test_a_sample_has_other_randomness_each_time_it_comes(monkeypatch):
    """Its augmentation follows from the SampleIndex, so no two are alike over the epochs of a run."""
    dataset = concat(3, 14)
    for world_size in (1, 2):
        seen = Counter(
            sample
            for epoch in range(4)
            for rank in deal(monkeypatch, dataset, (1, 2), world_size, epoch)
            for sample in rank
        )
        assert max(seen.values()) == 1
    assert {sample.seed for sample in seen} == {3}


@pytest.mark.parametrize("ratio", [(1,), (1, 2, 3), (0, 1), (1, -1), (1, 0.5), 2, "12"])
def test_a_ratio_that_does_not_fit_is_a_mistake(ratio):
    with pytest.raises(UserError, match="RatioSampler: the ratio is .* a ConcatDataset of 2 parts, expected a"):
        RatioSampler(concat(3, 4), ratio)


def test_another_data_set_and_an_empty_part_are_mistakes():
    with pytest.raises(UserError, match="the data set is a Numbered of 0 parts, expected a ConcatDataset"):
        RatioSampler(Numbered(3), (1, 1))
    with pytest.raises(UserError, match=r"parts have \[3, 0\] samples, expected some in each; leave the empty one out"):
        RatioSampler(concat(3, 0), (1, 1))


def visit(launcher, root, out):
    """Writes what the batches of this process hold in two epochs: whose samples, and which."""
    start_process_group(launcher)
    rank, world_size = get_dist_info()
    pipeline = [{"type": "PackSample"}]
    photos = {"type": "ImageFolderDataset", "pipeline": pipeline}
    labelled = {"type": "ConcatDataset", "datasets": [{"type": "Numbered", "length": 2, "pipeline": pipeline}] * 2}
    dataset = ConcatDataset([labelled, {**photos, "data_root": str(root)}])
    sampler = RatioSampler(dataset, (1, 2), seed=5)
    loader = DataLoader(dataset, batch_size=6, sampler=sampler, collate_fn=collate_samples)
    epochs = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        epochs.append([[batch["unlabelled"].tolist(), batch["meta"]["id"]] for batch in loader])
    (out / f"{rank}_of_{world_size}.json").write_text(json.dumps(epochs))
    leave_process_group()


@pytest.mark.slow  # processes
@pytest.mark.parametrize("count", [16, 13])
def test_each_photograph_comes_once_in_one_process_and_in_two(tmp_path, count):
    """Every batch has two unlabelled samples for each labelled one; the ranks share the photographs without overlap."""
    for number in range(count):
        write_image(tmp_path / f"photos/{number}.png", picture(2, 2, number))
    log = tmp_path / "log.txt"
    assert in_child(log, visit, "none", tmp_path / "photos", tmp_path) == 0, log.read_text()
    assert in_two_processes(log, visit, "pytorch", tmp_path / "photos", tmp_path) == 0, log.read_text()
    for names in (["0_of_1"], ["0_of_2", "1_of_2"]):
        ranks = [json.loads((tmp_path / f"{name}.json").read_text()) for name in names]
        filled_up = -count % (2 * len(ranks))
        for epoch in range(2):
            seen = []
            for rank in ranks:
                for flags, ids in rank[epoch]:
                    assert flags == [False, True, True] * (len(flags) // 3)
                    seen += [name for name, flag in zip(ids, flags, strict=True) if flag]
            counts = Counter(seen)
            assert set(counts) == {str(number) for number in range(count)}
            assert len(seen) == count + filled_up and sorted(counts.values())[-1] <= 2
            if not filled_up:
                assert max(counts.values()) == 1
        assert ranks[0][0] != ranks[0][1]  # another order each time
