"""DIODE: depth of three axes, and the mask beside it."""

import numpy as np
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import DIODEDataset

PACK = [dict(type="PackSample")]
DEPTH = np.array([[3.5, 0.1, 60], [np.nan, 0, 120]], np.float32)
MASK = np.array([[1, 0, 1], [0, 0, 1]], np.float32)
SCAN = "scene_00019/scan_00183/00019_00183_{}_000_010"


def write_frame(root, split="val", kind="indoors", depth=DEPTH, mask=MASK, image=None):
    path = root / split / kind / SCAN.format(kind)
    write_image(path.with_name(f"{path.name}.png"), picture(2, 3) if image is None else image)
    np.save(path.with_name(f"{path.name}_depth.npy"), depth[..., None])
    np.save(path.with_name(f"{path.name}_depth_mask.npy"), mask)
    np.save(path.with_name(f"{path.name}_normal.npy"), np.zeros((*depth.shape, 3)))
    return path


def dataset(root, split="val"):
    return DIODEDataset(str(root), split, PACK)


@pytest.mark.parametrize("kind", [np.float32, np.uint8, np.float64])
def test_what_the_mask_leaves_out_is_a_hole(tmp_path, kind):
    write_frame(tmp_path, mask=MASK.astype(kind))
    sample = dataset(tmp_path)[0]
    np.testing.assert_allclose(sample["depth"][0].numpy(), [[3.5, 0, 60], [0, 0, 120]])
    assert sample["valid_mask"][0].tolist() == [[True, False, True], [False, False, True]]
    assert sample["meta"]["id"] == "val/indoors/scene_00019/scan_00183/00019_00183_indoors_000_010"


def test_camera_of_the_published_size(tmp_path):
    write_frame(tmp_path, depth=np.ones((768, 1024)), mask=np.ones((768, 1024)), image=picture(768, 1024))
    expected = np.array([[886.81, 0, 512], [0, 927.06, 384], [0, 0, 1]], np.float32)
    np.testing.assert_array_equal(dataset(tmp_path)[0]["intrinsics"].numpy(), expected)


def test_splits_and_kinds_of_scenes(tmp_path):
    for split, kind in (("train", "indoors"), ("train", "outdoor"), ("val", "outdoor")):
        write_frame(tmp_path, split, kind)
    assert [sample["meta"]["id"].split("/s")[0] for sample in dataset(tmp_path, "train")] == [
        "train/indoors",
        "train/outdoor",
    ]
    assert len(dataset(tmp_path, "val")) == 1 and len(dataset(tmp_path, ["val/outdoor", "train/outdoor"])) == 2
    user_error(lambda: dataset(tmp_path, "val/indoors"), "1 of 1 scenes of the split have no image, e.g. val/indoors")
    user_error(lambda: dataset(tmp_path, "test"), "e.g. test")


def test_missing_and_damaged_files(tmp_path):
    user_error(lambda: dataset(tmp_path), "val/indoors/scene_00019/scan_00183/00019_00183_indoors_000_010.png")
    path = write_frame(tmp_path)
    mask = path.with_name(f"{path.name}_depth_mask.npy")
    np.save(mask, MASK[:1])
    user_error(lambda: dataset(tmp_path)[0], "_depth_mask.npy: is (1, 3), expected (2, 3), as the depth")
    np.save(mask, np.ones((2, 3)))
    np.save(path.with_name(f"{path.name}_depth.npy"), -DEPTH)
    user_error(lambda: dataset(tmp_path)[0], "4 negative of 6 values")
    mask.unlink()
    user_error(lambda: dataset(tmp_path)[0], "_depth_mask.npy", "No such file")
    path.with_name(f"{path.name}_depth.npy").write_bytes(b"no array")
    user_error(lambda: dataset(tmp_path)[0], "_depth.npy")
    path.with_name(f"{path.name}_depth.npy").unlink()
    user_error(lambda: dataset(tmp_path), "1 of 1 images have no depth")


def test_config(tmp_path):
    write_frame(tmp_path, "train")
    write_frame(tmp_path, "val")
    train, val = samples_of_config("diode", tmp_path)
    assert train["depth"].max() <= 80 and val["depth"].max() == 120
