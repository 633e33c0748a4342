"""The constant predictor where the training set was not made for it."""

import numpy as np
import pytest
from mmengine.config import Config
from torch.utils.data import Dataset

from mdetools.datasets import BaseDataset
from mdetools.engine.baseline import bare_config, run_baseline
from mdetools.errors import UserError
from mdetools.registry import DATASETS

SCANNED = {"train": (2, 3, 5), "val": (0, 1), "blind": ()}  # frames with a scan


def scene(split, source, index):
    rng = np.random.default_rng((len(split), len(source), index))
    return rng.uniform(2, 30 if source == "velodyne" else 60, (6, 8)).astype(np.float32)


@DATASETS.register_module()
class SomeScans(BaseDataset):
    """Pairs, some of which have a scan."""

    def __init__(self, split, depth_source=None, pipeline=()):
        super().__init__(pipeline)
        self.split, self.depth_source = split, depth_source

    def __len__(self):
        return 7 if self.split == "train" else 2

    def load(self, index):
        sample = {"image": np.zeros((6, 8, 3), np.uint8), "meta": {"id": str(index), "path": str(index)}}
        if self.depth_source is None:
            return sample
        if index not in SCANNED[self.split]:
            raise UserError(f"no scan {index}.bin; expected one of each frame")
        depth = scene(self.split, self.depth_source, index)
        return sample | {"depth": depth, "valid_mask": depth > 0}


@DATASETS.register_module()
class FixedSamples(Dataset):
    """A data set of somebody else's, without transforms."""


def config(train, test):
    return Config(
        {
            "train_dataloader": {"dataset": {"type": "SomeScans", **train}},
            "test_dataloader": {"dataset": {"type": "SomeScans", **test}},
            "test_evaluator": {"type": "DepthMetric", "protocol": "nyu"},
        }
    )


def test_a_stereo_training_sets_median_is_that_of_the_frames_with_a_scan(monkeypatch):
    lines = []
    monkeypatch.setattr("mdetools.engine.baseline.print_log", lambda message, *_: lines.append(message))
    constant, metrics = run_baseline(config({"split": "train"}, {"split": "val", "depth_source": "velodyne"}))
    depths = np.stack([scene("train", "velodyne", index) for index in SCANNED["train"]])
    ordered = np.sort(depths, axis=None)
    middle = ordered[ordered.size // 2 - 1 : ordered.size // 2 + 1]  # of an even number
    assert middle[0] - 1e-3 <= constant <= middle[1] + 1e-3
    truths = [scene("val", "velodyne", index).astype(np.float64) for index in SCANNED["val"]]
    errors = [np.mean(np.abs(min(constant, 10) - t[t <= 10]) / t[t <= 10]) for t in truths]
    assert metrics["abs_rel"] == pytest.approx(np.mean(errors), rel=1e-5)
    assert lines == [
        "of 7 training frames, 4 have no readable ground truth 'velodyne' and are left out of the median, the first: "
        "no scan 0.bin; expected one of each frame"
    ]


def test_a_training_set_with_depth_keeps_its_own_and_its_faults_are_told():
    velodyne = {"split": "val", "depth_source": "velodyne"}
    constant, _ = run_baseline(config({"split": "val", "depth_source": "annotated"}, velodyne))
    depths = np.stack([scene("val", "annotated", index) for index in SCANNED["val"]])
    ordered = np.sort(depths, axis=None)
    assert ordered[47] - 1e-3 <= constant <= ordered[48] + 1e-3
    with pytest.raises(UserError, match=r"no scan 0.bin"):
        run_baseline(config({"split": "train", "depth_source": "velodyne"}, velodyne))


def test_without_any_scan_one_line_says_so():
    message = "of 2 training frames, 2 have no readable ground truth 'velodyne'.*without --baseline: no scan 0.bin"
    with pytest.raises(UserError, match=message):
        run_baseline(config({"split": "blind"}, {"split": "val", "depth_source": "velodyne"}))
    with pytest.raises(UserError, match="the test set names no depth_source to read it from"):
        run_baseline(config({"split": "train"}, {"split": "val"}))


def nested(kind):
    """A training set whose pipeline lies within another data set, which takes away or adds nothing but order."""
    leaf = {"type": "SomeScans", "split": "val", "depth_source": "velodyne", "pipeline": [{"type": "NoSuchTransform"}]}
    return {
        "list": {"type": "ConcatDataset", "datasets": [leaf, leaf]},
        "dict": {"type": "ConcatDataset", "datasets": {"a": leaf, "off": None}},
        "subset": {"type": "SubsetDataset", "dataset": leaf, "indices": [1, 0]},
        "deep": {"type": "RepeatDataset", "times": 2, "dataset": {"type": "ConcatDataset", "datasets": [leaf]}},
    }[kind]


@pytest.mark.parametrize("kind", ["list", "dict", "subset", "deep"])
def test_transforms_within_data_sets_made_of_data_sets_are_left_out(kind):
    plain = {"split": "val", "depth_source": "velodyne"}
    expected = run_baseline(config(plain, plain))
    cfg = config(plain, plain)
    cfg.train_dataloader.dataset = nested(kind)
    assert run_baseline(cfg) == expected
    cfg.test_dataloader.dataset = nested(kind)
    assert run_baseline(cfg)[1] == pytest.approx(expected[1])
    assert "NoSuchTransform" in str(cfg.train_dataloader.dataset)  # the config is left as it was


def test_a_part_of_a_stereo_training_set_is_read_with_the_test_sets_ground_truth(monkeypatch):
    monkeypatch.setattr("mdetools.engine.baseline.print_log", lambda *_: None)
    test = {"type": "SubsetDataset", "count": 2, "dataset": {"type": "SomeScans", "split": "val"}}
    test["dataset"]["depth_source"] = "velodyne"
    cfg = config({"split": "train"}, {"split": "val"})
    cfg.test_dataloader.dataset = test
    cfg.train_dataloader.dataset = {
        "type": "SubsetDataset",
        "indices": [2, 4, 5],
        "dataset": {"type": "SomeScans", "split": "train"},
    }
    constant, _ = run_baseline(cfg)
    depths = np.sort(np.stack([scene("train", "velodyne", index) for index in (2, 5)]), axis=None)
    assert depths[47] - 1e-3 <= constant <= depths[48] + 1e-3


def test_a_data_set_without_a_pipeline_is_built_as_it_is():
    assert bare_config({"type": "FixedSamples"}) == {"type": "FixedSamples"}
    assert bare_config({"type": "SomeScans", "split": "val"}, depth_source="a") == {
        "type": "SomeScans",
        "split": "val",
        "depth_source": "a",
        "pipeline": [{"type": "PackSample"}],
    }
