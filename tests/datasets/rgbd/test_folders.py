"""Images and depth in folders: what belongs together, and what is left out."""

import json

import cv2
import numpy as np
import pytest
from support.nyu_layout import make_frame, write_h5
from support.user_errors import user_error

from mdetools.datasets import NYUDataset, RGBDDataset
from mdetools.datasets.rgbd.cameras import CAMERA_FILES
from mdetools.datasets.walking import files_below


def write_image(path, value=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((6, 8, 3), value, np.uint8))


def write_depth(path, value=1500):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((6, 8), value, np.uint16))


@pytest.fixture
def root(tmp_path):
    """Two scenes with frames of the same names."""
    for number, scene in enumerate(("attic/a", "kitchen")):
        write_image(tmp_path / f"train/images/{scene}/1.jpg", 10 + 100 * number)
        write_depth(tmp_path / f"train/depth/{scene}/1.png", 1000 + number)
    return tmp_path


def ids(root, split="train", **options):
    return [frame.id for frame in RGBDDataset(str(root), split, **options).frames]


def test_equal_stems_in_several_folders_stay_apart(root):
    dataset = RGBDDataset(str(root))
    assert ids(root) == ["attic/a/1", "kitchen/1"]
    found = [(dataset.load(n)["image"].mean().round(), dataset.load(n)["depth"].mean()) for n in range(2)]
    assert found == [(10, np.float32(1.0)), (110, np.float32(1.001))]
    assert dataset.load(1)["meta"] == {"id": "kitchen/1", "path": str(root / "train/depth/kitchen/1.png")}


def test_folders_have_the_names_that_the_options_say(root):
    (root / "train/images").rename(root / "train/rgb")
    (root / "train/depth").rename(root / "train/sensor depth")
    assert ids(root, images="rgb", depths="sensor depth") == ["attic/a/1", "kitchen/1"]
    user_error(
        lambda: RGBDDataset(str(root)),
        f"{root}/train: 0 images in 'images' and 0 depth files in 'depth', and no list {root}/train.txt",
        "set --data-root, split, images or depths",
    )
    assert ids(root / "train", "", images="rgb", depths="sensor depth") == ["attic/a/1", "kitchen/1"]


@pytest.mark.parametrize("color, depth", [("color", "depth"), ("sensor/rgb", "sensor/depth"), ("rgb", "aligned depth")])
def test_a_pair_of_folders_in_each_scene(tmp_path, color, depth):
    for number, scene in enumerate(("room_1", "house/room_2")):
        write_image(tmp_path / f"train/{scene}/{color}/1.jpg", 10 + 100 * number)
        write_image(tmp_path / f"train/{scene}/{color}/far/2.jpg")
        write_depth(tmp_path / f"train/{scene}/{depth}/1.png", 1000 + number)
        write_depth(tmp_path / f"train/{scene}/{depth}/far/2.png")
        write_image(tmp_path / f"train/{scene}/preview/1.png")
        (tmp_path / f"train/{scene}/intrinsics.txt").write_text(f"{40 + number} 40 3.5 2.5")
    dataset = RGBDDataset(str(tmp_path), images=color, depths=depth)
    assert [frame.id for frame in dataset.frames] == [
        "house/room_2/1",
        "house/room_2/far/2",
        "room_1/1",
        "room_1/far/2",
    ]
    samples = [dataset.load(index) for index in (2, 0)]
    assert [sample["depth"][0, 0] for sample in samples] == [np.float32(1.0), np.float32(1.001)]
    assert [sample["intrinsics"][0, 0] for sample in samples] == [40, 41]
    user_error(
        lambda: RGBDDataset(str(tmp_path), images=color, depths="range"), "4 images in", "and 0 depth files in 'range'"
    )


@pytest.mark.parametrize("images, depths, names", [
    ("*_color", "*_depth", ("a/1_color.jpg", "a/1_depth.png", "b/2_color.png", "b/2_depth.png")),
    ("rgb_*", "depth_*", ("a/rgb_1.jpg", "a/depth_1.png", "b/rgb_1.jpg", "b/depth_1.png")),
    ("*.jpg", "*.png", ("a/1.jpg", "a/1.png", "2.jpg", "2.png")),
    ("*/color", "*/depth", ("a/color.jpg", "a/depth.png", "b/color.jpg", "b/depth.png")),
])  # fmt: skip
def test_images_and_depth_in_one_folder_by_patterns(tmp_path, images, depths, names):
    for number, name in enumerate(names):
        (write_depth if number % 2 else write_image)(tmp_path / "train" / name)
    dataset = RGBDDataset(str(tmp_path), images=images, depths=depths)
    assert len(dataset) == 2
    pairs = sorted((frame.image, frame.depth) for frame in dataset.frames)
    files = [str(tmp_path / "train" / name) for name in names]
    assert pairs == sorted([tuple(files[:2]), tuple(files[2:])])


def test_folders_at_the_top_and_in_a_scene_count_both(root):
    write_image(root / "train/cellar/images/2.png")
    write_depth(root / "train/cellar/depth/2.png")
    assert ids(root) == ["attic/a/1", "cellar/2", "kitchen/1"]


def test_what_has_no_counterpart_is_counted_in_one_warning(root):
    write_image(root / "train/images/kitchen/2.png")
    write_image(root / "train/images/kitchen/3.png")
    write_depth(root / "train/depth/1.png")
    found = r"4 images in 'images', of which 2 have no depth \(e.g. kitchen/2\), and 3 depth files .* 1 have no image"
    with pytest.warns(UserWarning, match=rf"{found} \(e.g. 1\); they are left out") as told:
        assert ids(root) == ["attic/a/1", "kitchen/1"]
    assert len(told) == 1


def test_nothing_in_common_is_refused(root):
    (root / "train/depth").rename(root / "train/other")
    write_depth(root / "train/depth/depth_1.png")
    user_error(
        lambda: RGBDDataset(str(root)),
        "2 images in 'images', of which 2 have no depth",
        "expected the same name in both",
    )


@pytest.mark.parametrize("folder, name", [("depth", "1.npy"), ("depth", "1.TIFF"), ("images", "1.png")])
def test_two_files_of_one_stem_are_refused(root, folder, name):
    (root / f"train/{folder}/kitchen/{name}").write_bytes(b"")
    user_error(lambda: RGBDDataset(str(root)), "kitchen/1.", "have the same name but for the ending", "write a list")


def test_files_of_other_endings_do_not_count(root):
    for name in ("1.json", "1.txt", "Thumbs.db"):
        (root / "train/depth/kitchen" / name).write_text("")
        (root / "train/images/kitchen" / name).write_text("")
    assert ids(root) == ["attic/a/1", "kitchen/1"]


@pytest.mark.parametrize(
    "name", ["._1.png", ".1.png.icloud", ".DS_Store", ".thumbs/1.png", ".ipynb_checkpoints/1-a.png"]
)
def test_dot_names_are_no_frames(root, name):
    for folder in ("images", "depth"):
        path = root / f"train/{folder}/kitchen" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no image")
    assert ids(root) == ["attic/a/1", "kitchen/1"]
    write_h5(root / "train/room/00000.h5", *make_frame())
    (root / "train/room" / name.replace(".png", ".h5")).parent.mkdir(exist_ok=True)
    (root / "train/room" / name.replace(".png", ".h5")).write_bytes(b"")
    assert NYUDataset(str(root)).paths == ["room/00000.h5"]


LOOPS = {
    "itself": ("train/train", "train"),
    "a folder above": ("train/kitchen/up", "."),
    "a folder that is there": ("train/other", "train/kitchen"),
    "beside it": ("train/0", "train/kitchen"),
    "twice": ("train/kitchen/again", "train/kitchen"),
}


@pytest.mark.parametrize("case", LOOPS)
def test_each_real_folder_counts_once(tmp_path, case):
    """Of a link to the folder above, nothing of the other split may come in."""
    link, target = LOOPS[case]
    for name in ("train/attic/1", "train/kitchen/2", "train/kitchen/3", "val/hall/4"):
        write_h5(tmp_path / f"{name}.h5", *make_frame())
    (tmp_path / link).symlink_to(tmp_path / target)
    assert NYUDataset(str(tmp_path)).paths == ["attic/1.h5", "kitchen/2.h5", "kitchen/3.h5"]


def test_links_to_folders_and_files_elsewhere_are_followed(tmp_path, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("disk")
    for name in ("a/1", "a/deep/2", "b/3"):
        write_h5(elsewhere / f"{name}.h5", *make_frame())
    (tmp_path / "train").mkdir()
    for name in ("z", "c"):
        (tmp_path / "train" / name).symlink_to(elsewhere / "a")
    (tmp_path / "train/b.h5").symlink_to(elsewhere / "b/3.h5")
    assert NYUDataset(str(tmp_path)).paths == ["b.h5", "c/1.h5", "c/deep/2.h5"]


def test_a_split_that_is_a_link(root):
    (root / "test").symlink_to(root / "train")
    assert ids(root, "test") == ids(root)


def test_a_folder_that_cannot_be_listed_is_one_line(root, monkeypatch):
    from os import scandir

    def failing(path):
        if str(path).endswith("kitchen"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", failing)
    user_error(lambda: files_below(root / "train/images"), "kitchen: cannot be listed (Permission denied)", "the right")


@pytest.mark.parametrize("name", CAMERA_FILES)
def test_the_nearest_camera_file_counts(root, name):
    def text(focal):
        return (
            json.dumps(dict(fx=focal, fy=focal, cx=3.5, cy=2.5))
            if name.endswith("json")
            else f"{focal} {focal} 3.5 2.5"
        )

    (root / name).write_text(text(40))
    (root / "train/images/attic" / name).write_text(text(50))
    dataset = RGBDDataset(str(root))
    assert [dataset.load(n)["intrinsics"][0, 0] for n in range(2)] == [50, 40]
    (root / "train/images/attic" / name).write_text("fx 50")
    user_error(lambda: RGBDDataset(str(root)), str(root / "train/images/attic" / name), "expected fx fy cx cy")


def test_a_camera_file_of_another_name(root):
    (root / "train/images/K.txt").write_text("40 40 3.5 2.5")
    assert "intrinsics" not in RGBDDataset(str(root)).load(0)
    assert RGBDDataset(str(root), intrinsics="K.txt").load(1)["intrinsics"][1, 1] == 40
    user_error(lambda: RGBDDataset(str(root), intrinsics="k.txt"), "there is no k.txt in", "intrinsics=dict(fx=")


def test_a_list_comes_before_the_folder_of_its_name(root):
    (root / "train.csv").write_text("train/images/kitchen/1.jpg,train/depth/kitchen/1.png\n")
    assert ids(root) == ["train/images/kitchen/1"]
