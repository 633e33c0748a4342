"""Images in a folder per class: labels, depth beside them, and what is wrong with a folder."""

import numpy as np
import pytest
from support.field_layouts import picture, write_image
from support.user_errors import user_error

from mdetools.contract import SampleIndex
from mdetools.datasets import ClassFolderDataset, RepeatDataset
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
IMAGES = {
    "train": ["cat/1.png", "cat/deep/2.jpg", "dog/1.png", "zebra/9.png"],
    "val": ["dog/3.png", "zebra/4.png"],
}


@pytest.fixture
def root(tmp_path):
    """Three classes, of which the second split lacks the first."""
    for split, names in IMAGES.items():
        for seed, name in enumerate(names):
            write_image(tmp_path / split / name, picture(seed=seed))
    (tmp_path / "train/cat/notes.txt").write_text("none")
    write_image(tmp_path / "train/.cache/1.png", picture())
    return tmp_path


def metres(seed, size=(24, 32)):
    depth = np.random.default_rng(seed).uniform(1, 9, size).astype(np.float32)
    depth[0, :3] = 0, np.nan, np.inf
    return depth


def write_npy(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values)


def write_depths(root, folder="depth", ending=".npy"):
    for split, names in IMAGES.items():
        for seed, name in enumerate(names):
            write_npy(root / folder / split / f"{name.rpartition('.')[0]}{ending}", metres(seed))


def test_labels_count_the_classes_in_the_order_of_their_names(root):
    dataset = ClassFolderDataset(str(root), "train", pipeline=PACK)
    assert dataset.classes == ("cat", "dog", "zebra") and dataset.labels == [0, 0, 1, 2]
    assert dataset.names == [f"train/{name}" for name in IMAGES["train"]]
    sample = dataset.load(2)
    np.testing.assert_array_equal(sample["image"], picture(seed=2))
    assert sample["label"] == 1 and sample["meta"] == {"id": "train/dog/1", "path": str(root / "train/dog/1.png")}
    assert dataset.metainfo["classes"] == ("cat", "dog", "zebra")
    check_dataset(dataset)


def test_a_split_that_lacks_a_class_counts_as_the_training_does(root):
    dataset = ClassFolderDataset(str(root), "val")
    assert dataset.classes == ("cat", "dog", "zebra") and dataset.labels == [1, 2]
    assert (
        RepeatDataset(dict(type="ClassFolderDataset", data_root=str(root), split="val"), 2).metainfo == dataset.metainfo
    )


def test_classes_in_an_order_of_ones_own_and_folders_without_a_split(root):
    names = ["zebra", "cat", "dog"]
    dataset = ClassFolderDataset(str(root / "train"), None, classes=names)
    assert dataset.classes == tuple(names) and dataset.labels == [0, 1, 1, 2]
    assert dataset.names[0] == "zebra/9.png"


def test_metres_beside_the_images_become_inverse_depth(root):
    write_depths(root)
    dataset = ClassFolderDataset(str(root), "train", depth="depth", pipeline=PACK)
    sample, depth = dataset.load(1), metres(1).astype(np.float64)
    known = ~np.isnan(depth) & (depth != 0)
    np.testing.assert_array_equal(sample["valid_mask"], known)
    np.testing.assert_allclose(sample["inverse_depth"][known], 1 / depth[known], rtol=1e-6)  # of infinity 0
    assert not sample["inverse_depth"][~known].any() and sample["inverse_depth"][0, 2] == 0 and known[0, 2]
    check_dataset(dataset)
    assert ClassFolderDataset(str(root), "val", depth=str(root / "depth")).load(0)["valid_mask"].any()


def test_labels_of_a_depth_network_are_read_as_they_are(root):
    for split, names in IMAGES.items():
        for name in names:
            values = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32)
            write_image(root / "predicted" / split / f"{name.rpartition('.')[0]}.png", values)
    dataset = ClassFolderDataset(str(root), "val", depth="predicted", depth_kind="relative_inverse_depth")
    np.testing.assert_allclose(dataset.load(1)["inverse_depth"].ravel(), np.arange(24 * 32) / 65535, rtol=1e-6)


def test_depth_of_another_size_is_brought_to_the_images(root):
    write_depths(root)
    write_npy(root / "depth/train/cat/1.npy", np.repeat(np.repeat(metres(0), 2, 0), 2, 1))
    sample = ClassFolderDataset(str(root), "train", depth="depth").load(0)
    known = sample["valid_mask"]
    np.testing.assert_allclose(sample["inverse_depth"][known], 1 / metres(0)[known], rtol=1e-6)


def test_augmentation_follows_from_the_index_and_moves_depth_with_the_image(root):
    write_depths(root)
    pipeline = [dict(type="RandomHorizontalFlip", prob=1.0), *PACK]
    flipped = ClassFolderDataset(str(root), "train", depth="depth", pipeline=pipeline)[SampleIndex(0, 0, 3)]
    plain = ClassFolderDataset(str(root), "train", depth="depth", pipeline=PACK)[3]
    for name in ("image", "inverse_depth", "valid_mask"):
        assert (flipped[name] == plain[name].flip(-1)).all()


def test_what_is_wrong_with_a_folder_is_one_line(root):
    (root / "train/empty").mkdir()
    user_error(lambda: ClassFolderDataset(str(root), "train"), "train/empty", "class is empty", "no file")
    (root / "train/empty/readme.md").write_text("none")
    user_error(lambda: ClassFolderDataset(str(root), "train"), "none of 1 files is an image")
    (root / "one/train/cat").mkdir(parents=True)
    user_error(lambda: ClassFolderDataset(str(root / "one"), "train"), "the one class 'cat'", "two classes or more")
    (root / "none/train").mkdir(parents=True)
    user_error(lambda: ClassFolderDataset(str(root / "none"), "train"), "no class")
    user_error(lambda: ClassFolderDataset(str(root), "vla"), "no folder", "did you mean 'val'")


def test_a_class_without_a_label_is_one_line(root):
    write_image(root / "val/dgo/1.png", picture())
    user_error(lambda: ClassFolderDataset(str(root), "val"), "val/dgo", "no label", "did you mean 'dog'")
    user_error(lambda: ClassFolderDataset(str(root), "train", classes=["cat", "dog"]), "zebra", "named in classes")


def test_depth_that_is_missing_or_none_is_one_line(root):
    user_error(lambda: ClassFolderDataset(str(root), "train", depth="depth"), "no folder depth")
    write_depths(root)
    (root / "depth/train/dog/1.npy").unlink()
    user_error(lambda: ClassFolderDataset(str(root), "train", depth="depth"), "train/dog/1.png", "1 of 4")
    write_npy(root / "depth/val/dog/3.npy", -metres(0))
    user_error(lambda: ClassFolderDataset(str(root), "val", depth="depth").load(0), "dog/3.npy", "negative")
    user_error(lambda: ClassFolderDataset(str(root), "val", depth="depth", depth_kind="metric"), "depth_kind")
    user_error(lambda: ClassFolderDataset(str(root), "val", depth="depth", depth_scale=0), "depth_scale")
