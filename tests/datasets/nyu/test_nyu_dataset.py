"""The FastDepth layout, and the camera that all layouts of NYU share."""

import re

import h5py
import numpy as np
import pytest
import torch
from support.nyu_layout import make_frame, write_h5
from support.paths import REAL_DATA, ROOT
from support.user_errors import user_error

from mdetools.datasets import NYUDataset
from mdetools.engine.configs.loading import load_config
from mdetools.layouts.nyu import resized_nyu_intrinsics
from mdetools.registry import DATASETS

PACK = [dict(type="PackSample")]


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
    np.testing.assert_allclose(resized_nyu_intrinsics(480, 640)[:2, 2], [325.58245, 253.73617], rtol=1e-6)


def test_intrinsics_of_the_file_win(tmp_path):
    own = np.array([[30.0, 0, 15], [0, 31, 11], [0, 0, 1]])
    write_h5(tmp_path / "val/a/1.h5", *make_frame(), intrinsics=own)
    np.testing.assert_array_equal(NYUDataset(str(tmp_path), "val").load(0)["intrinsics"], own)


def test_no_folder_and_empty_folder(tmp_path):
    user_error(lambda: NYUDataset(str(tmp_path), "train"), str(tmp_path / "train"), "tools/make_synthetic.py nyu")
    (tmp_path / "train" / "scene").mkdir(parents=True)
    (tmp_path / "train" / "scene" / "a.png").write_text("")
    user_error(lambda: NYUDataset(str(tmp_path), "train"), "no .h5 file", "1 other files", "make_synthetic")


def test_the_old_key_of_a_layout_is_refused(tmp_path):
    config = tmp_path / "config.py"
    base = str(ROOT / "configs/dav2/vits_nyu.py")
    config.write_text(f"_base_ = [{base!r}]\ntrain_dataloader = dict(dataset=dict(source='png_list'))\n")
    user_error(lambda: load_config(str(config)), "dataset (NYUDataset) has the key 'source', which nothing reads")


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
    line = user_error(lambda: NYUDataset(str(tmp_path))[0], "no 'depth'", "found range, rgb", "expected rgb and depth")
    assert line.count(str(path)) == 1 and "not a readable" not in line


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
    [[500, 500, 320, 240], np.eye(3)[:, [0, 1, 2, 2]], np.zeros((3, 3)), np.full((3, 3), np.nan), np.diag([-1, 1, 1])]
    + [np.diag([500, 500, value]) for value in (0, 2, np.nan)]
    + [np.diag([value, 500, 1]) for value in (0, np.inf, 1e300, 1e7)]
    + [[[500, 0, 320], [0, 500, 240], [1, 0, 1]]],
)
def test_intrinsics_that_are_no_camera(tmp_path, intrinsics):
    path = write_h5(tmp_path / "train/a/1.h5", *make_frame(), intrinsics=intrinsics)
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "intrinsics are", "expected a 3x3 camera matrix")


def test_intrinsics_that_are_no_numbers(tmp_path):
    path = write_h5(tmp_path / "train/a/1.h5", *make_frame(), intrinsics="f = 500")
    user_error(lambda: NYUDataset(str(tmp_path))[0], str(path), "no 'intrinsics' in the file that is an array")


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


def test_real_frames_are_plausible():
    root = REAL_DATA / "nyu"
    if not root.is_dir():
        pytest.skip(f"{root} is not there")
    dataset = NYUDataset(str(root), "val")
    assert len(dataset) == 20
    sample = dataset.load(0)
    assert re.fullmatch(r"redkitchen/\d{5}", sample["meta"]["id"])
    assert 0.8 <= np.median(sample["depth"][sample["valid_mask"]]) <= 4
