import cv2
import numpy as np
import pytest
import torch
from support.user_errors import user_error

from mdetools.contract.types import SampleIndex
from mdetools.datasets.base import BaseDataset
from mdetools.registry import TRANSFORMS


@TRANSFORMS.register_module(name="_AddRandomForTest", force=True)
class AddRandom:
    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    def __call__(self, sample, rng):
        return {**sample, "drawn": torch.from_numpy(self.scale * rng.random(4)), "threads": cv2.getNumThreads()}


class Numbers(BaseDataset):
    def __len__(self):
        return 10

    def load(self, index):
        return {"image": np.zeros((2, 3, 3), np.uint8), "number": index}


def make(**kwargs):
    return Numbers(pipeline=[dict(type="_AddRandomForTest", **kwargs)])


def test_randomness_is_that_of_seed_epoch_and_index():
    got = make()[SampleIndex(42, 3, 7)]["drawn"]
    np.testing.assert_array_equal(got, np.random.default_rng([42, 3, 7]).random(4))


def test_randomness_does_not_depend_on_what_was_loaded_before():
    dataset = make()
    first = dataset[SampleIndex(1, 2, 3)]["drawn"]
    dataset[4], dataset[SampleIndex(1, 2, 4)]
    assert torch.equal(dataset[SampleIndex(1, 2, 3)]["drawn"], first)
    for other in (SampleIndex(0, 2, 3), SampleIndex(1, 0, 3), SampleIndex(1, 2, 4)):
        assert not torch.equal(dataset[other]["drawn"], first)


def test_int_means_seed_and_epoch_zero():
    dataset = make()
    assert torch.equal(dataset[5]["drawn"], dataset[SampleIndex(0, 0, 5)]["drawn"])
    assert dataset[-1]["number"] == 9
    with pytest.raises(IndexError):
        dataset[10]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_draw_the_same_and_use_one_thread(start):
    keys = [SampleIndex(5, 1, i) for i in range(6)]
    expected = torch.stack([make()[key]["drawn"] for key in keys])
    loader = torch.utils.data.DataLoader(
        make(), 2, sampler=keys, num_workers=1 + (start == "fork"), multiprocessing_context=start
    )
    batches = list(loader)
    assert torch.equal(torch.cat([batch["drawn"] for batch in batches]), expected)
    assert {int(n) for batch in batches for n in batch["threads"]} == {1}


def test_pipeline_by_name_leaves_out_none():
    steps = dict(one=dict(type="_AddRandomForTest", scale=3.0), two=None)
    dataset = Numbers(pipeline=steps)
    assert len(dataset.transforms) == 1
    np.testing.assert_allclose(dataset[1]["drawn"], 3.0 * np.random.default_rng([0, 0, 1]).random(4))


class Strips(BaseDataset):
    def __len__(self):
        return 1

    def load(self, index):
        return {"image": np.zeros((10, 4000, 3), np.uint8), "meta": {"id": "strip", "path": "photos/strip.jpg"}}


def test_what_a_transform_refuses_is_told_with_the_file():
    dataset = Strips(pipeline=[dict(type="Resize", size=518)])
    user_error(lambda: dataset[0], "photos/strip.jpg: an image of 10x4000 becomes 518x207200")
