"""Images with their classes in a list, as Miniplaces has them."""

import numpy as np
import pytest
from support.field_layouts import picture, write_image
from support.user_errors import user_error

from mdetools.datasets import ClassListDataset
from mdetools.testing import check_dataset

LINES = ["train/a/abbey/00000001.jpg 0", "train/a/abbey/00000002.png 0", "train/z/zoo/00000001.png 2"]


@pytest.fixture
def root(tmp_path):
    for seed, line in enumerate(LINES):
        write_image(tmp_path / line.split()[0], picture(seed=seed))
    return tmp_path


def dataset(root, *lines, **options):
    (root / "train.txt").write_text("\n".join(lines or LINES) + "\n")
    return ClassListDataset(str(root), "train", **{"num_classes": 3, **options})


def test_the_lists_images_have_the_lists_labels(root):
    found = dataset(root, pipeline=[dict(type="PackSample")])
    assert found.labels == [0, 0, 2] and found.classes == ("0", "1", "2")
    assert found.names == [line.split()[0] for line in LINES]
    np.testing.assert_array_equal(found.load(2)["image"], picture(seed=2))
    assert found.load(2)["label"] == 2 and found.load(2)["meta"]["id"] == "train/z/zoo/00000001"
    check_dataset(found)


def test_names_of_the_classes(root):
    found = dataset(root, classes=["abbey", "airport", "zoo"])
    assert found.metainfo["classes"] == ("abbey", "airport", "zoo")
    user_error(lambda: dataset(root, classes=["abbey"]), "1 names", "num_classes=3")


@pytest.mark.parametrize("label", ["3", "-1", "0.5"])
def test_a_label_that_is_no_class_is_one_line(root, label):
    line = f"{LINES[2].split()[0]} {label}"
    user_error(lambda: dataset(root, LINES[0], line), "train.txt:2", f"label is {label}", "0 to 2")


def test_a_line_without_a_label_and_a_missing_list_are_one_line(root):
    user_error(lambda: dataset(root, LINES[0], LINES[1].split()[0]), "train.txt:2", "no label")
    user_error(lambda: dataset(root, "train/nowhere.jpg 1"), "nowhere.jpg")
    user_error(lambda: ClassListDataset(str(root), "vla", 3), "vla.txt")
