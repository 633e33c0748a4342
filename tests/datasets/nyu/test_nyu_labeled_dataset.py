"""The official .mat files."""

import json
import pickle

import h5py
import numpy as np
import pytest
import torch
from scipy.io import savemat
from support.nyu_layout import make_frame
from support.paths import REAL_DATA
from support.user_errors import user_error

from mdetools.datasets import NYULabeledDataset, collate_samples
from mdetools.datasets.readers import GroundTruthFile
from mdetools.evaluation.metrics import DepthMetric
from mdetools.registry import DATASETS

PACK = [dict(type="PackSample")]


def filled(depth):
    """What stands for in-painting: no holes, and another value everywhere."""
    return np.where(depth > 0, depth + 0.25, 2.5).astype(np.float32)


@pytest.fixture
def labeled(tmp_path):
    frames = [make_frame(seed=seed) for seed in range(6)]
    with h5py.File(tmp_path / "nyu_depth_v2_labeled.mat", "w") as file:  # MATLAB's axes come out reversed
        file["images"] = np.stack([image.transpose(2, 1, 0) for image, _ in frames])
        file["rawDepths"] = np.stack([depth.T for _, depth in frames])
        file["depths"] = np.stack([filled(depth).T for _, depth in frames])
    savemat(tmp_path / "splits.mat", {"trainNdxs": np.array([[3], [6]]), "testNdxs": np.array([[1], [2], [4], [5]])})
    return tmp_path, frames


def test_labeled_mat_axes_and_one_based_splits(labeled):
    root, frames = labeled
    for split, numbers in {"train": [3, 6], "test": [1, 2, 4, 5]}.items():
        dataset = NYULabeledDataset(str(root), split, PACK)
        assert len(dataset) == len(numbers)
        for sample, number in zip(dataset, numbers, strict=True):
            image, depth = frames[number - 1]
            np.testing.assert_array_equal(sample["image"].numpy(), image.transpose(2, 0, 1))
            np.testing.assert_array_equal(sample["depth"].numpy()[0], depth)
            assert sample["meta"]["id"] == f"labeled/{number:04d}"


@pytest.mark.parametrize("split", ["train", "test"])
def test_raw_depth_unless_the_filled_one_is_asked_for(labeled, split):
    root, frames = labeled
    number = {"train": 3, "test": 1}[split]
    depth = frames[number - 1][1]
    for given, name, expected in (({}, "raw", depth), (dict(depth_source="filled"), "filled", filled(depth))):
        dataset = DATASETS.build(dict(type="NYULabeledDataset", data_root=str(root), split=split, **given))
        sample = dataset.load(0)
        np.testing.assert_array_equal(sample["depth"], expected)
        np.testing.assert_array_equal(sample["valid_mask"], expected > 0)
        assert dataset.metainfo == {"ground_truth": name}
    assert (depth == 0).any()  # or the holes are not tested


@pytest.mark.parametrize("source", ["raw", "filled"])
def test_the_kind_of_depth_stands_beside_the_protocol_and_in_exports(labeled, run_tool, tmp_path, source):
    root, frames = labeled
    metric = DepthMetric("nyu", out_file=str(tmp_path / "scores.json"))
    dataset = NYULabeledDataset(str(root), "test", PACK, source)
    metric.dataset_meta = dataset.metainfo
    batch = collate_samples([dataset[0]])
    metric.process(batch, [{"depth": batch["depth"][0] + 0.1}])
    metric.evaluate(1)
    assert json.loads((tmp_path / "scores.json").read_text())["ground_truth"] == source

    config, out = tmp_path / "test_set.py", tmp_path / "depth.npz"
    settings = dict(type="NYULabeledDataset", data_root=str(root), split="test")
    config.write_text(f"test_dataloader = dict(batch_size=1, num_workers=0, dataset={settings})")
    given = [] if source == "raw" else ["--depth-source", source]
    code, printed, error = run_tool("export_ground_truth", config, out, *given)
    assert code == 0 and "depth of 4 frames" in printed, error
    file = GroundTruthFile(str(out), ["labeled/0001"])
    assert file.depth_source == source
    expected = frames[0][1] if source == "raw" else filled(frames[0][1])
    np.testing.assert_array_equal(file.depth("labeled/0001"), expected)


def test_a_kind_of_depth_that_is_not_there(labeled):
    root, _ = labeled
    user_error(lambda: NYULabeledDataset(str(root), depth_source="rawDepths"), "'rawDepths'", "did you mean 'raw'")
    user_error(lambda: NYULabeledDataset(str(root), depth_source="inpainted"), "expected one of: raw, filled")
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "a") as file:
        del file["rawDepths"]
    user_error(lambda: NYULabeledDataset(str(root))[0], "no 'rawDepths'", "found depths, images")
    assert NYULabeledDataset(str(root), depth_source="filled").load(0)["valid_mask"].all()


def test_labeled_mat_in_forked_workers_and_pickled(labeled):
    root, frames = labeled
    dataset = NYULabeledDataset(str(root), "test", PACK)
    dataset[0]  # opens the file in this process
    expected = np.stack([frames[number - 1][1] for number in (1, 2, 4, 5)])
    loader = torch.utils.data.DataLoader(dataset, 1, num_workers=2, multiprocessing_context="fork")
    np.testing.assert_array_equal(torch.cat([batch["depth"] for batch in loader])[:, 0].numpy(), expected)
    copy = pickle.loads(pickle.dumps(dataset))  # what a spawned worker gets
    np.testing.assert_array_equal(torch.cat([sample["depth"] for sample in copy]).numpy(), expected)


def test_labeled_mat_bad_input(labeled):
    root, _ = labeled
    user_error(lambda: NYULabeledDataset(str(root), "val"), "'val'", "train or test")
    (root / "splits.mat").write_bytes(b"MATLAB, but not really" * 20)
    user_error(lambda: NYULabeledDataset(str(root), "test"), "splits.mat", "not a readable .mat file")
    savemat(root / "splits.mat", {"trainNdxs": np.array([[9]])})
    user_error(lambda: NYULabeledDataset(str(root), "test"), "no 'testNdxs'")
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "has 6 images", "expected 9 or more")
    for numbers in ("1 2", [[0]], [[np.nan]], []):
        savemat(root / "wrong.mat", {"trainNdxs": numbers})
        (root / "wrong.mat").replace(root / "splits.mat")
        user_error(lambda: NYULabeledDataset(str(root), "train"), "splits.mat", "expected image numbers from 1")
    savemat(root / "splits.mat", {"trainNdxs": np.array([[9]])})
    (root / "nyu_depth_v2_labeled.mat").unlink()
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"], file["rawDepths"] = np.zeros((9, 3, 4, 4), np.uint8), np.zeros((7, 4, 4))
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "has 7 images with depth", "expected 9")
    (root / "nyu_depth_v2_labeled.mat").unlink()
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"], file["rawDepths"] = np.zeros((9, 3, 4), np.uint8), np.zeros((9, 4, 4))
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "image (3, 4) and depth (4, 4)")
    (root / "nyu_depth_v2_labeled.mat").unlink()
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"] = np.zeros((9, 3, 4, 4), np.uint8)
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "no 'rawDepths'", "found images")
    (root / "nyu_depth_v2_labeled.mat").unlink()
    (root / "nyu_depth_v2_labeled.mat").write_bytes(b"short")
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "labeled.mat", "not a readable HDF5 file")
    (root / "splits.mat").unlink()
    user_error(lambda: NYULabeledDataset(str(root), "test"), "no file", "splits.mat", "--data-root")


def test_official_splits(data_splits, tmp_path):
    (tmp_path / "splits.mat").write_bytes(data_splits.read_bytes())
    (tmp_path / "nyu_depth_v2_labeled.mat").write_bytes(b"")
    sets = [NYULabeledDataset(str(tmp_path), split).numbers for split in ("train", "test")]
    assert [len(numbers) for numbers in sets] == [795, 654]
    assert sorted(sets[0] + sets[1]) == list(range(1, 1450))


@pytest.fixture
def data_splits():
    path = REAL_DATA / "splits" / "splits.mat"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path
