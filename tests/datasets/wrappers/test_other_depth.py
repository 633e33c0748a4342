"""The control: each image with another one's depth."""

import numpy as np
import pytest
from support.field_layouts import picture
from support.user_errors import user_error

from mdetools.datasets import OtherDepthDataset
from mdetools.datasets.base import BaseDataset
from mdetools.datasets.wrappers.other_depth_dataset import permutation_without_fixed_points
from mdetools.testing import check_dataset


class Frames(BaseDataset):
    """Images whose depth says which they are; every other one has another size."""

    def __init__(self, count, depth=True):
        super().__init__()
        self.count, self.depth = count, depth

    def __len__(self):
        return self.count

    def load(self, index):
        size = (8, 12) if index % 2 else (6, 10)
        sample = {"image": picture(*size, seed=index), "label": index, "meta": {"id": str(index), "path": "p"}}
        if self.depth:
            values = np.full(size, 1.0 + index, np.float32)
            values[0, 0] = 0
            sample |= {"inverse_depth": values, "valid_mask": values > 0}
        return sample


@pytest.mark.parametrize("count", [2, 3, 7, 200])
def test_the_permutation_has_no_fixed_point(count):
    orders = [permutation_without_fixed_points(count, seed) for seed in range(40)]
    for order in orders:
        assert sorted(order) == list(range(count)) and (order != np.arange(count)).all()
    assert np.array_equal(permutation_without_fixed_points(count, 3), orders[3])
    assert count == 2 or len({tuple(order) for order in orders}) > 1


def test_all_permutations_without_fixed_points_are_equally_likely():
    """Of four things there are nine."""
    found = [tuple(permutation_without_fixed_points(4, seed)) for seed in range(1800)]
    counts = [found.count(order) for order in set(found)]
    assert len(counts) == 9 and all(abs(count - 200) < 5 * np.sqrt(200 * 8 / 9) for count in counts)


def test_image_and_label_are_its_own_and_depth_is_another_ones_at_its_size():
    dataset = OtherDepthDataset(dict(type=Frames, count=6), seed=1, pipeline=[dict(type="PackSample")])
    for index in range(6):
        sample, own = dataset.load(index), Frames(6).load(index)
        np.testing.assert_array_equal(sample["image"], own["image"])
        assert sample["label"] == index and sample["meta"] == own["meta"]
        assert sample["inverse_depth"].shape == sample["valid_mask"].shape == own["image"].shape[:2]
        known = sample["valid_mask"]
        assert set(sample["inverse_depth"][known]) == {1.0 + dataset.order[index]}
        assert not known[0, 0] and known.sum() == known.size - 1
    check_dataset(dataset)


def test_another_seed_gives_another_order_and_one_seed_the_same():
    orders = [OtherDepthDataset(dict(type=Frames, count=9), seed=seed).order.tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


def test_a_data_set_that_cannot_be_a_control_is_one_line():
    user_error(lambda: OtherDepthDataset(dict(type=Frames, count=1)), "1 samples", "two or more")
    user_error(lambda: OtherDepthDataset(dict(type=Frames, count=3, depth=False)).load(0), "no depth")
