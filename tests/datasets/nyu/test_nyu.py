import pickle
import re

import cv2
import h5py
import numpy as np
import pytest
import torch
from scipy.io import savemat

from mdetools.datasets import NYUDataset, NYULabeledDataset, NYUListDataset
from mdetools.datasets.nyu.sample import nyu_intrinsics
from mdetools.errors import UserError
from mdetools.registry import DATASETS

PACK = [dict(type="PackSample")]


def make_frame(height=24, width=32, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    depth = rng.uniform(0.5, 9.0, (height, width)).astype(np.float32)
    depth[:3, :4] = 0
    return image, depth


def write_h5(path, image, depth, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["rgb"] = image.transpose(2, 0, 1)
        file["depth"] = depth
        for key, value in more.items():
            file[key] = value
    return path


@pytest.fixture
def root(tmp_path):
    for index, name in enumerate(["kitchen/00010", "kitchen/00002", "attic/deep/7"]):
        write_h5(tmp_path / "train" / f"{name}.h5", *make_frame(seed=index))
    return tmp_path


def test_fastdepth_is_found_recursively_and_sorted(root):
    (root / "train" / "kitchen" / "notes.txt").write_text("not data")
    dataset = DATASETS.build(dict(type="NYUDataset", data_root=str(root), split="train", pipeline=PACK))
    assert [dataset[i]["meta"]["id"] for i in range(3)] == ["attic/deep/7", "kitchen/00002", "kitchen/00010"]
    assert dataset[2]["meta"]["path"] == str(root / "train/kitchen/00010.h5")


def test_fastdepth_values(root):
    image, depth = make_frame(seed=0)  # kitchen/00010 is last
    sample = NYUDataset(str(root), pipeline=PACK)[2]
    np.testing.assert_array_equal(sample["image"].numpy(), image.transpose(2, 0, 1))
    np.testing.assert_array_equal(sample["depth"].numpy()[0], depth)
    np.testing.assert_array_equal(sample["valid_mask"].numpy()[0], depth > 0)
    assert not sample["valid_mask"][0, :3, :4].any()


def test_intrinsics_follow_the_size_of_the_file(root):
    got = NYUDataset(str(root), pipeline=PACK)[0]["intrinsics"].numpy().astype(np.float64)
    s = 32 / 640
    expected = [
        [518.8579 * s, 0, (325.58245 + 0.5) * s - 0.5],
        [0, 519.46961 * s, (253.73617 + 0.5) * s - 0.5],
        [0, 0, 1],
    ]
    np.testing.assert_allclose(got, expected, rtol=1e-6)
    np.testing.assert_allclose(nyu_intrinsics(480, 640)[:2, 2], [325.58245, 253.73617], rtol=1e-6)


def test_intrinsics_of_the_file_win(tmp_path):
    own = np.array([[30.0, 0, 15], [0, 31, 11], [0, 0, 1]])
    write_h5(tmp_path / "val/a/1.h5", *make_frame(), intrinsics=own)
    np.testing.assert_array_equal(NYUDataset(str(tmp_path), "val").load(0)["intrinsics"], own)


def user_error(call, *words):
    """The line of the UserError that `call` raises, which holds all `words`."""
    with pytest.raises(UserError) as caught:
        call()
    line = str(caught.value)
    assert "\n" not in line
    for word in words:
        assert word in line, line


def test_no_folder_and_empty_folder(tmp_path):
    user_error(lambda: NYUDataset(str(tmp_path), "train"), str(tmp_path / "train"), "tools/make_synthetic.py nyu")
    (tmp_path / "train" / "scene").mkdir(parents=True)
    (tmp_path / "train" / "scene" / "a.png").write_text("")
    user_error(lambda: NYUDataset(str(tmp_path), "train"), "no .h5 file", "1 other files", "make_synthetic")


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.95])
def test_truncated_file(tmp_path, keep):
    image, depth = make_frame(240, 320)
    path = write_h5(tmp_path / "train/a/1.h5", image, depth)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "not a readable HDF5 file", "copy the file again")


def test_damaged_chunk(tmp_path):
    image, depth = make_frame(240, 320)
    path = tmp_path / "train/a/1.h5"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        file["rgb"] = image.transpose(2, 0, 1)
        file.create_dataset("depth", data=depth, compression="gzip")
        offset = file["depth"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[offset : offset + 64] = bytes(64)
    path.write_bytes(content)
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "not a readable HDF5 file")


def test_missing_key(tmp_path):
    path = tmp_path / "train/a/1.h5"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        file["rgb"] = np.zeros((3, 4, 4), np.uint8)
        file["range"] = np.zeros((4, 4))
    user_error(
        lambda: NYUDataset(str(tmp_path))[0], str(path), "no 'depth'", "found range, rgb", "expected rgb and depth"
    )


@pytest.mark.parametrize("spoilt", ["group", "empty", "text"])
def test_what_is_no_array(tmp_path, spoilt):
    path = write_h5(tmp_path / "train/a/1.h5", *make_frame())
    with h5py.File(path, "a") as file:
        del file["depth"]
        if spoilt == "group":
            file.create_group("depth")
        else:
            file["depth"] = h5py.Empty("f4") if spoilt == "empty" else "4 metres"
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "no 'depth' in the file that is an array")


def test_an_image_without_pixels(tmp_path):
    path = write_h5(tmp_path / "train/a/1.h5", np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0), np.float32))
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "rgb is uint8 (3, 0, 0)")


@pytest.mark.parametrize(
    "intrinsics",
    [[500, 500, 320, 240], np.eye(3)[:, [0, 1, 2, 2]], np.zeros((3, 3)), np.full((3, 3), np.nan), np.diag([-1, 1, 1])],
)
def test_intrinsics_that_are_no_camera(tmp_path, intrinsics):
    path = write_h5(tmp_path / "train/a/1.h5", *make_frame(), intrinsics=intrinsics)
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "intrinsics are", "expected a 3x3 camera matrix")


def test_intrinsics_that_are_no_numbers(tmp_path):
    path = write_h5(tmp_path / "train/a/1.h5", *make_frame(), intrinsics="f = 500")
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "not a readable HDF5 file")


IMAGE, DEPTH = make_frame()
BAD = {
    "other shape": (IMAGE, DEPTH[:-1], "(23, 32)", "(24, 32)"),
    "NaN": (IMAGE, np.where(DEPTH > 5, np.nan, DEPTH), f"{(DEPTH > 5).sum()} NaN", "set these pixels to 0"),
    "negative": (IMAGE, np.where(DEPTH > 6, -1, DEPTH), f"{(DEPTH > 6).sum()} negative of 768", "0 where there is no"),
    "infinite": (IMAGE, np.where(DEPTH > 7, np.inf, DEPTH), f"{(DEPTH > 7).sum()} infinite", "set these pixels to 0"),
    "minus infinity": (IMAGE, np.where(DEPTH > 7, -np.inf, DEPTH), f"{(DEPTH > 7).sum()} infinite", "expected metres"),
    "float rgb": (IMAGE / np.float32(255), DEPTH, "rgb is float32 (3, 24, 32)", "expected uint8 (3, H, W)"),
    "grey rgb": (IMAGE[..., :1], DEPTH, "rgb is uint8 (1, 24, 32)", "expected uint8 (3, H, W)"),
    "integer depth": (IMAGE, (DEPTH * 1000).astype(np.uint16), "depth is uint16", "floating point metres"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_content(tmp_path, case):
    image, depth, *words = BAD[case]
    path = write_h5(tmp_path / "train/a/1.h5", image, depth)
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), *words)


def test_all_hole_frames_warn_once_with_a_count(tmp_path):
    image, depth = make_frame()
    for name in ("1", "2"):
        write_h5(tmp_path / f"train/a/{name}.h5", image, np.zeros_like(depth))
    dataset = NYUDataset(str(tmp_path), pipeline=PACK)
    with pytest.warns(UserWarning, match=r"1\.h5: all 768 pixels.*\(1 such frames so far\)"):
        sample = dataset[0]
    with pytest.warns(UserWarning, match=r"2\.h5: all 768 pixels.*\(2 such frames so far\)") as caught:
        dataset[0], dataset[1], dataset[1]
    assert len(caught) == 1
    assert not sample["valid_mask"].any()
    torch.testing.assert_close(sample["depth"], torch.zeros(1, 24, 32), rtol=0, atol=0)


# --- nyu_depth_v2_labeled.mat


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
def data_splits(pytestconfig):
    path = pytestconfig.rootpath.parent / "shared" / "data" / "splits" / "splits.mat"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path


# --- a list of PNGs


@pytest.fixture
def png_list(tmp_path):
    image, depth = make_frame()
    millimetres = np.round(depth * 1000).astype(np.uint16)
    (tmp_path / "bath").mkdir()
    cv2.imwrite(str(tmp_path / "bath/rgb_1.png"), image[..., ::-1])
    cv2.imwrite(str(tmp_path / "bath/sync_depth_1.png"), millimetres)
    (tmp_path / "test.txt").write_text("/bath/rgb_1.png bath/sync_depth_1.png 518.8579\n\n")
    return tmp_path, image, millimetres


def test_png_list(png_list):
    root, image, millimetres = png_list
    dataset = NYUListDataset(str(root), "test", PACK)
    assert len(dataset) == 1
    sample = dataset[0]
    np.testing.assert_array_equal(sample["image"].numpy(), image.transpose(2, 0, 1))
    np.testing.assert_allclose(sample["depth"].numpy()[0], millimetres.astype(np.float64) / 1000, rtol=1e-7)
    assert sample["meta"]["id"] == "bath/rgb_1"


def test_png_list_bad_input(png_list):
    root, image, _ = png_list

    def dataset():
        return NYUListDataset(str(root), "test")

    cv2.imwrite(str(root / "bath/sync_depth_1.png"), image[..., 0])
    user_error(lambda: dataset()[0], "sync_depth_1.png", "is uint8 (24, 32)", "16-bit")
    (root / "bath/rgb_1.png").write_bytes(b"no image")
    user_error(lambda: dataset()[0], "rgb_1.png", "not a readable image")
    (root / "test.txt").write_text("bath/rgb_1.png bath/sync_depth_1.png\nbath/rgb_1.png bath/sync_depth_2.png\n")
    user_error(dataset, "test.txt:2", "sync_depth_2.png", "fix the line")
    (root / "test.txt").write_text("bath/rgb_1.png\n")
    user_error(dataset, "test.txt:1", "expected `<rgb> <depth>`")
    (root / "test.txt").write_text("bath/rgb_1.png bath/sync_depth_1.png\n", encoding="utf-16")
    user_error(dataset, "test.txt", "not a readable text file", "UTF-8")
    (root / "test.txt").write_text("\n")
    user_error(dataset, "test.txt", "empty")
    (root / "test.txt").unlink()
    user_error(dataset, "no list", "test.txt")


def test_real_frames_are_plausible(pytestconfig):
    root = pytestconfig.rootpath.parent / "shared" / "data" / "nyu"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    dataset = NYUDataset(str(root), "val")
    assert len(dataset) == 20
    sample = dataset.load(0)
    assert re.fullmatch(r"redkitchen/\d{5}", sample["meta"]["id"])
    assert 0.8 <= np.median(sample["depth"][sample["valid_mask"]]) <= 4
