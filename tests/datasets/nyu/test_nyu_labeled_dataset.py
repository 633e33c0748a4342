"""The official .mat files."""

import pickle

import h5py
import numpy as np
import pytest
import torch
from scipy.io import savemat
from support.nyu_layout import make_frame
from support.paths import REAL_DATA
from support.user_errors import user_error

from mdetools.datasets import NYULabeledDataset

PACK = [dict(type="PackSample")]


@pytest.fixture
def labeled(tmp_path):
    frames = [make_frame(seed=seed) for seed in range(6)]
    with h5py.File(tmp_path / "nyu_depth_v2_labeled.mat", "w") as file:  # MATLAB's axes come out reversed
        file["images"] = np.stack([image.transpose(2, 1, 0) for image, _ in frames])
        file["depths"] = np.stack([depth.T for _, depth in frames])
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
        file["images"], file["depths"] = np.zeros((9, 3, 4, 4), np.uint8), np.zeros((7, 4, 4))
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "has 7 images with depth", "expected 9")
    (root / "nyu_depth_v2_labeled.mat").unlink()
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"], file["depths"] = np.zeros((9, 3, 4), np.uint8), np.zeros((9, 4, 4))
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "image (3, 4) and depth (4, 4)")
    (root / "nyu_depth_v2_labeled.mat").unlink()
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"] = np.zeros((9, 3, 4, 4), np.uint8)
    user_error(lambda: NYULabeledDataset(str(root), "train")[0], "no 'depths'", "found images")
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
