"""Lists of images and depths, as BTS and Depth Anything write them."""

import warnings
from collections import Counter

import numpy as np
import pytest
from support.kitti_layout import DRIVE, HEIGHT, WIDTH, write_image, write_kitti
from support.paths import REAL_DATA
from support.user_errors import user_error

from mdetools.datasets import KITTIDataset
from mdetools.datasets.kitti.split_list import read_split
from mdetools.datasets.readers import write_ground_truth

SPLITS = REAL_DATA / "splits"
DEPTH = f"{DRIVE.split('/')[1]}/proj_depth/groundtruth/image_02/0000000004.png"
IMAGE = f"{DRIVE}/image_02/data/0000000004.png"


@pytest.fixture
def root(tmp_path):
    return write_kitti(tmp_path / "kitti")


def frames_of(root, *lines):
    (root / "list.txt").write_text("".join(f"{line}\n" for line in lines))
    return read_split("list", root)[1]


@pytest.mark.parametrize(
    "line",
    [
        f"{IMAGE} {DEPTH} 721.5377",
        f"{IMAGE}\t{DEPTH}\t721.5377",
        f"{IMAGE},{DEPTH},721.5377",
        f'"{IMAGE}" "{DEPTH}" 721.5377',
        f"{IMAGE} {DEPTH}",
        f"/mnt/elsewhere/kitti/raw_data/{IMAGE} /mnt/elsewhere/kitti/{DEPTH}",
        f'"/a folder/of another machine/{IMAGE}" "/a folder/{DEPTH}" 721.5377',
        f"C:\\kitti\\{IMAGE}".replace("/", "\\") + f" {DEPTH}",
        f"./{IMAGE} {DEPTH}",
        f"/runs/#3/{IMAGE} {DEPTH}",
        f"{IMAGE.removeprefix('2011_09_26/')} {DEPTH}",
        f"/elsewhere/sync/{IMAGE.removeprefix('2011_09_26/')} {DEPTH}",
        f"{IMAGE}",
        f"  {IMAGE} {DEPTH} 721.5377  # a comment",
        f"{DRIVE}/image_02/data/0000000004.jpg {DRIVE}/image_03/data/0000000004.jpg",
        f"{DRIVE}/image_02/data/0000000004.jpeg",
        f"{DRIVE}/image_02/data/4.png {DEPTH} 721.5377",
    ],
)
def test_forms_of_a_line(root, line):
    (frame,) = frames_of(root, line)
    assert frame.id == f"{DRIVE} 4 l" and frame.annotated
    assert KITTIDataset(str(root), "list").load(0)["meta"]["id"] == f"{DRIVE} 4 l"


def test_drives_with_names_of_their_own(root):
    (frame,) = frames_of(root, "/a/monday/garage/image_03/data/0000000007.png None")
    assert frame.id == "monday/garage 7 r"
    (frame,) = frames_of(root, "monday/garage/image_02/data/0000000007.png")
    assert frame.id == "monday/garage 7 l"


@pytest.mark.parametrize("nothing", ["None", "none", '"None"', "None 721.5377", "\tNone\t721.5377"])
def test_none_in_place_of_a_depth(root, nothing):
    (frame,) = frames_of(root, f"{IMAGE} {nothing}")
    assert frame.id == f"{DRIVE} 4 l" and not frame.annotated


def test_right_images_and_both_forms_in_one_list(root):
    lines = [f"{DRIVE}/image_03/data/0000000012.png {DEPTH} 721.5", f"{DRIVE} 3 l", f"{IMAGE} None 721.5"]
    assert [frame.id for frame in frames_of(root, *lines)] == [f"{DRIVE} {rest}" for rest in ("12 r", "3 l", "4 l")]


@pytest.mark.parametrize(
    "line",
    [
        "rgb/0000000004.png depth/0000000004.png 721.5377",
        f"{DRIVE}/image_00/data/0000000004.png None",  # a grey camera
        f"{DRIVE}/image_02/data/four.png None",
        f"{DRIVE}/image_02/data/0000000004.bin None",
        f"{DRIVE}/image_02/data/0000000004.png 5 l",
        f"{DRIVE}/image_02/data/0000000004.png l",
        f"{DRIVE}/image_02/data/0000000004.pngx {DEPTH}",
        f"rgb/4.png {IMAGE}",
        f"rgb/4.png,{IMAGE}",
        f"/unquoted folder/{IMAGE} {DEPTH}",
        "2011_09_26/image_02/data/0000000004.png None",
        "garage/image_02/data/0000000004.png None",
    ],
)
def test_other_lines_are_refused_with_both_forms(root, line):
    user_error(lambda: frames_of(root, line), "list.txt:1: found '", "<frame> <side>`", "image_02/data/<frame>.png")


def test_frames_without_annotated_depth_are_left_out_and_counted(root):
    values = np.full((HEIGHT, WIDTH), 2560, np.uint16)
    write_image(root / DRIVE / "proj_depth/groundtruth/image_02/0000000004.png", values)
    others = [f"{DRIVE}/image_02/data/{number:010d}.png None 721.5377" for number in (3, 12)]
    frames_of(root, others[0], f"{IMAGE} {DEPTH} 721.5377", others[1])
    with pytest.warns(UserWarning) as caught:
        dataset = KITTIDataset(str(root), "list", "annotated", stereo=False)
    (warning,) = caught
    expected = f"list.txt: 2 of 3 frames have None for their annotated depth and are left out, the first: '{DRIVE} 3 l'"
    assert expected in str(warning.message)
    assert [sample["meta"]["id"] for sample in map(dataset.load, range(len(dataset)))] == [f"{DRIVE} 4 l"]
    assert (dataset.load(0)["depth"] == 10).all()
    with warnings.catch_warnings():  # scans and pairs are there for all of them
        warnings.simplefilter("error")
        assert len(KITTIDataset(str(root), "list", "velodyne")) == len(KITTIDataset(str(root), "list")) == 3
    out = root / "depth.npz"
    write_ground_truth(out, [(f"{DRIVE} 4 l", dataset.load(0)["depth"])], "annotated")
    with pytest.warns(UserWarning, match="2 of 3 frames have None"):
        exported = KITTIDataset(str(root), "list", ground_truth=str(out))
    assert len(exported) == 1 and exported.depth_source == "annotated"
    np.testing.assert_array_equal(exported.load(0)["depth"], dataset.load(0)["depth"])
    frames_of(root, *others)
    user_error(
        lambda: KITTIDataset(str(root), "list", "annotated"),
        "list.txt: 2 of 2 frames have None",
        "another depth_source",
    )


@pytest.mark.skipif(not SPLITS.is_dir(), reason=f"no published lists in {SPLITS}")
@pytest.mark.parametrize("folder", ["", "/mnt/bn/someone/Kitti/raw_data/"])
def test_the_published_lists_are_the_shipped_splits(tmp_path, folder):
    for part, annotated in (("test", "eigen_test_annotated"), ("train", None)):
        text = (SPLITS / f"kitti_eigen_{part}_files_with_gt.txt").read_text()
        (tmp_path / f"{part}.txt").write_text("".join(f"{folder}{line}\n" for line in text.splitlines()))
        frames = read_split(part, tmp_path)[1]
        shipped = [frame.id for frame in read_split(f"eigen_{part}", tmp_path)[1]]
        assert Counter(frame.id for frame in frames) == Counter(shipped)
        if annotated:
            assert [frame.id for frame in frames] == shipped
            with_depth = [frame.id for frame in frames if frame.annotated]
            assert with_depth == [frame.id for frame in read_split(annotated, tmp_path)[1]] and len(with_depth) == 652
