import numpy as np
import pytest
import torch

from mdetools import testing
from mdetools.contract import SampleIndex
from mdetools.datasets.base import BaseDataset
from mdetools.errors import UserError
from mdetools.registry import DATASETS

PACK = dict(type="PackSample")


class Frames(BaseDataset):
    """Images that say which they are, with depth or without, and a random draw in the red channel."""

    def __init__(self, count, first=0, depth=True):
        super().__init__([DrawRed(), PACK])
        self.count, self.first, self.depth = count, first, depth
        self.depth_source = "laser" if depth else None

    def __len__(self):
        return self.count

    def load(self, index):
        image = np.full((4, 6, 3), self.first + index, np.uint8)
        sample = {"image": image, "meta": {"id": str(self.first + index), "path": "p"}}
        if self.depth:
            depth = np.full((4, 6), 1.0 + index, np.float32)
            sample |= {"depth": depth, "valid_mask": depth > 0, "intrinsics": np.eye(3, dtype=np.float32)}
        return sample


class DrawRed:
    def __call__(self, sample, rng):
        image = sample["image"].copy()
        image[..., 0] = rng.integers(256)
        return sample | {"image": image}


@pytest.fixture(autouse=True)
def built_as_they_are(monkeypatch):
    """Transforms may stand for their config here."""
    from mdetools.registry import TRANSFORMS

    build = TRANSFORMS.build
    monkeypatch.setattr(TRANSFORMS, "build", lambda cfg: build(cfg) if isinstance(cfg, dict) else cfg)


def frames(count, **options):
    return dict(type=Frames, count=count, **options)


def ids(dataset):
    return [dataset[i]["meta"]["id"] for i in range(len(dataset))]


def concat(*parts):
    return DATASETS.build(dict(type="ConcatDataset", datasets=parts))


def test_concat_goes_through_its_parts():
    dataset = concat(frames(3), frames(2, first=10, depth=False))
    assert ids(dataset) == ["0", "1", "2", "10", "11"]
    assert dataset[-1]["meta"]["id"] == "11" and dataset.load(3)["meta"]["id"] == "10"
    with pytest.raises(IndexError):
        dataset[5]
    assert dataset.metainfo == {"ground_truth": "laser"}


def test_every_sample_has_the_keys_of_all_parts():
    for parts in ((frames(1), frames(1, depth=False)), (frames(1, depth=False), frames(1))):
        first, second = (concat(*parts)[i] for i in (0, 1))
        assert set(first) == set(second)
        photograph = next(sample for sample in (first, second) if not sample["valid_mask"].any())
        assert photograph["intrinsics"].isnan().all() and photograph["depth"].shape == (1, 4, 6)


def test_a_sample_is_the_one_of_its_own_data_set():
    dataset = concat(frames(3), frames(2, first=10))
    alone = DATASETS.build(frames(2, first=10))
    assert torch.equal(dataset[SampleIndex(5, 6, 4)]["image"], alone[SampleIndex(5, 6, 1)]["image"])


def test_parts_by_name_leave_out_none():
    dataset = DATASETS.build(dict(type="ConcatDataset", datasets=dict(a=frames(2), b=None, c=frames(1, first=5))))
    assert ids(dataset) == ["0", "1", "5"]
    with pytest.raises(UserError, match="has no data set"):
        DATASETS.build(dict(type="ConcatDataset", datasets=dict(a=None)))


def test_repeat_draws_other_augmentations_each_time():
    dataset = DATASETS.build(dict(type="RepeatDataset", dataset=frames(2), times=3))
    assert ids(dataset) == ["0", "1"] * 3
    reds = [[dataset[SampleIndex(0, epoch, i)]["image"][0, 0, 0].item() for i in (0, 2, 4)] for epoch in (0, 1)]
    assert len({*reds[0], *reds[1]}) == 6  # six draws of the first image in two epochs
    with pytest.raises(UserError, match="times is 0"):
        DATASETS.build(dict(type="RepeatDataset", dataset=frames(2), times=0))


def test_subset_by_indices_and_by_count():
    chosen = DATASETS.build(dict(type="SubsetDataset", dataset=frames(9), indices=[7, 2]))
    assert ids(chosen) == ["7", "2"] and chosen.load(0)["meta"]["id"] == "7"
    drawn = [ids(DATASETS.build(dict(type="SubsetDataset", dataset=frames(9), count=4, seed=s))) for s in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(len(set(one)) == 4 and one == sorted(one) for one in drawn)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either indices or count"),
        ({"indices": [0], "count": 1}, "either indices or count"),
        ({"count": 10}, "the data set has 9"),
        ({"indices": [9]}, "the data set has 9"),
        ({"indices": []}, "the data set has 9"),
    ],
)
def test_wrong_subsets_are_one_line(options, message):
    with pytest.raises(UserError, match=message):
        DATASETS.build(dict(type="SubsetDataset", dataset=frames(9), **options))


def test_wrappers_nest_and_pass_the_battery():
    inner = dict(type="SubsetDataset", dataset=dict(type="RepeatDataset", dataset=frames(3), times=2), count=5)
    testing.check_dataset(concat(inner, frames(2, first=10, depth=False)))
