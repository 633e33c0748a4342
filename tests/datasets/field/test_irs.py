"""IRS: disparity in EXR files, pairs, the repository's lists."""

from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import IRSDataset

PACK = [dict(type="PackSample")]
DISPARITY = np.array([[48, 4.8, 0], [96, 0.48, 24]], np.float32)
METRES = [[1, 10, 0], [0.5, 100, 2]]  # 480 pixels x 0.1 m / disparity
SCENE = "Home/ArchVizInterior03Data"


def write_exr(path, values, channel="G"):
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {channel: values}).write(str(path))


def write_frame(root, number=1, disparity=DISPARITY, size=None):
    """Writes a frame, and returns its line of the lists."""
    names = [f"{SCENE}/{kind}_{number:05d}" for kind in "lrdn"]
    for seed, name in enumerate(names[:2]):
        write_image(root / f"{name}.png", picture(*(size or disparity.shape), seed))
    write_exr(root / f"{names[2]}.exr", disparity)
    return " ".join(f"{name}.{'png' if kind in 'lr' else 'exr'}" for name, kind in zip(names, "lrdn", strict=True))


def dataset(root, split="irs_train", **options):
    return IRSDataset(str(root), split, PACK, **options)


def test_depth_of_disparity(tmp_path):
    """At the published size; a map of another size would have another focal length, and so another depth."""
    disparity = np.tile(DISPARITY, (270, 320))
    (tmp_path / "irs_train.list").write_text(write_frame(tmp_path, disparity=disparity))
    sample = dataset(tmp_path)[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), np.tile(METRES, (270, 320)), rtol=1e-6)
    assert not sample["valid_mask"][0, 0, 2] and sample["valid_mask"].float().mean() == pytest.approx(5 / 6)
    np.testing.assert_allclose(sample["intrinsics"].numpy(), [[480, 0, 479.5], [0, 480, 269.5], [0, 0, 1]])
    assert sample["meta"]["id"] == f"{SCENE}/l_00001" and "image_right" not in sample


def test_pairs_and_lists(tmp_path):
    lines = [write_frame(tmp_path, number) for number in (1, 8)]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/home_test.list").write_text("\n".join(lines) + "\n")
    frames = dataset(tmp_path, "home_test", stereo=True)
    assert [sample["meta"]["id"][-5:] for sample in frames] == ["00001", "00008"]
    assert (frames[0]["image_right"].permute(1, 2, 0).numpy() == picture(2, 3, 1)).all()
    assert float(frames[0]["baseline"]) == pytest.approx(0.1)
    (tmp_path / "mine.list").write_text(lines[1].rsplit(" ", 1)[0] + "\t\n")  # of three columns, as in lists/v1
    assert len(dataset(tmp_path, str(tmp_path / "mine.list"))) == 1


def test_a_list_of_the_data_set_comes_before_one_from_here(tmp_path, monkeypatch):
    root, here = tmp_path / "data", tmp_path / "here"
    lines = [write_frame(root, number) for number in (1, 8)]
    for folder, line in ((here, lines[0]), (root / "lists", lines[1])):
        folder.mkdir()
        (folder / "mine.list").write_text(line)
    monkeypatch.chdir(here)
    for split in ("mine", "mine.list", Path("mine.list")):
        assert dataset(root, split)[0]["meta"]["id"].endswith("00008")
    (root / "lists/mine.list").unlink()
    assert dataset(root, "mine.list")[0]["meta"]["id"].endswith("00001")
    user_error(lambda: dataset(root, "none.list"), f"no list {root / 'none.list'}, nor {root / 'lists/none.list'},")


def test_missing_and_damaged_files(tmp_path):
    user_error(lambda: dataset(tmp_path), "no list", "irs_train.list", "lists/irs_train.list")
    line = write_frame(tmp_path)
    path = tmp_path / "irs_train.list"
    path.write_text(f"{line}\n{line.replace('00001', '00002')}\n")
    user_error(lambda: dataset(tmp_path), "irs_train.list:2", "l_00002.png", "set --data-root")
    path.write_text(line.split()[0])
    user_error(lambda: dataset(tmp_path), "irs_train.list:1", "<image> <image_right> <disparity>")
    path.write_text(" ".join([line.split()[0], "None", line.split()[2]]))
    user_error(lambda: dataset(tmp_path)[0], "irs_train.list:1: names no right image or no disparity")
    path.write_text(line)
    write_image(tmp_path / f"{SCENE}/r_00001.png", picture(2, 4))
    assert len(dataset(tmp_path)[0]["image"]) == 3
    user_error(lambda: dataset(tmp_path, stereo=True)[0], "r_00001.png: is 2x4", "expected one size")
    exr = tmp_path / f"{SCENE}/d_00001.exr"
    for values, words in ((DISPARITY[:1], "depth has shape (1, 3), expected (2, 3)"), (-DISPARITY, "5 negative")):
        write_exr(exr, values)
        user_error(lambda: dataset(tmp_path)[0], words)
    exr.write_bytes(b"no exr")
    user_error(lambda: dataset(tmp_path)[0], "d_00001.exr: not a readable OpenEXR file")


def test_config(tmp_path):
    for name in ("irs_train", "irs_test"):
        (tmp_path / f"{name}.list").write_text(write_frame(tmp_path, disparity=np.full((6, 8), 0.04, np.float32)))
    train, val = samples_of_config("irs", tmp_path)
    np.testing.assert_allclose(val["depth"].numpy(), 10, rtol=1e-5)  # 480 x 8 / 960 pixels x 0.1 m / 0.04 pixels
    assert train["depth"].shape == (1, 518, 518)
