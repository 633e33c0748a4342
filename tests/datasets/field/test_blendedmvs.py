"""BlendedMVS: PFM depth from the bottom up, MVSNet's camera files, lists of projects."""

import numpy as np
import pytest
from support.field_layouts import picture, samples_of_config, write_image
from support.user_errors import user_error

from mdetools.datasets import BlendedMVSDataset

PACK = [dict(type="PackSample")]
DEPTH = np.array([[0, 1.5, 2.25], [3, 1e-3, 60]], np.float32)
CAMERA = """extrinsic
0.9 0.1 0.0 1.0
-0.1 0.9 0.0 2.0
0.0 0.0 1.0 3.0
0.0 0.0 0.0 1.0

intrinsic
573.5 0.0 383.5
0.0 574.5 287.5
0.0 0.0 1.0

0.5 0.01 128 2.0
"""


def write_frame(root, project="5c1f33f1d33e1f2e4aa6dda4", number=0):
    folder = root / project
    for ending in ("", "_masked"):
        write_image(folder / f"blended_images/{number:08d}{ending}.jpg", picture(2, 3))
    for name in ("rendered_depth_maps", "cams"):
        (folder / name).mkdir(exist_ok=True)
    header = b"Pf\n3 2\n-1.0\n"  # little-endian, rows from the bottom up
    (folder / f"rendered_depth_maps/{number:08d}.pfm").write_bytes(header + DEPTH[::-1].astype("<f4").tobytes())
    (folder / f"cams/{number:08d}_cam.txt").write_text(CAMERA)
    (folder / "cams/pair.txt").write_text("1\n0\n0\n")
    return folder


def dataset(root, split="all"):
    return BlendedMVSDataset(str(root), split, PACK)


def test_depth_and_camera(tmp_path):
    write_frame(tmp_path)
    (sample,) = dataset(tmp_path)  # not the masked image
    np.testing.assert_array_equal(sample["depth"][0].numpy(), DEPTH)
    assert int(sample["valid_mask"].sum()) == 5
    expected = [[573.5, 0, 383.5], [0, 574.5, 287.5], [0, 0, 1]]
    np.testing.assert_array_equal(sample["intrinsics"].numpy(), expected)
    assert sample["meta"]["id"] == "5c1f33f1d33e1f2e4aa6dda4/blended_images/00000000"


def test_lists_of_projects(tmp_path):
    for project in ("aa", "bb/bb/bb", "cc"):  # the release's archives nest a project's folder
        write_frame(tmp_path, project)
    (tmp_path / "validation_list.txt").write_text("bb\ncc\n")
    assert [sample["meta"]["id"][:2] for sample in dataset(tmp_path, "validation_list")] == ["bb", "cc"]
    assert len(dataset(tmp_path)) == 3
    (tmp_path / "validation_list.txt").write_text("dd\n")
    user_error(lambda: dataset(tmp_path, "validation_list"), "1 of 1 scenes of the split have no image, e.g. dd")


def test_missing_and_damaged_files(tmp_path):
    user_error(lambda: dataset(tmp_path), "expected <project>/blended_images/00000000.jpg")
    folder = write_frame(tmp_path)
    camera, depth = folder / "cams/00000000_cam.txt", folder / "rendered_depth_maps/00000000.pfm"
    for text in (
        CAMERA.replace("intrinsic", "K"),
        CAMERA[:110],
        CAMERA.replace("573.5", "0"),
        "",
        CAMERA.replace("574.5", "f"),
    ):
        camera.write_text(text)
        user_error(lambda: dataset(tmp_path)[0], "00000000_cam.txt")
    camera.write_text(CAMERA)
    for content in (b"", b"Pf\n3 2\n-1.0\n", b"P5\n3 2\n255\n", depth.read_bytes()[:-4]):
        depth.write_bytes(content)
        user_error(lambda: dataset(tmp_path)[0], "00000000.pfm")
    camera.unlink()
    write_frame(tmp_path, number=1)
    (folder / "rendered_depth_maps/00000000.pfm").unlink()
    with pytest.warns(UserWarning, match="1 of 2 images have no depth"):
        assert len(dataset(tmp_path)) == 1


def test_config(tmp_path):
    for project, name in (("aa", "BlendedMVS_training"), ("bb", "validation_list")):
        write_frame(tmp_path, project)
        (tmp_path / f"{name}.txt").write_text(f"{project}\n")
    train, val = samples_of_config("blendedmvs", tmp_path)
    assert train["meta"]["id"].startswith("aa") and val["meta"]["id"].startswith("bb")
    assert val["depth"].max() == 60  # of a unit that nobody knows, so no range is cut off
