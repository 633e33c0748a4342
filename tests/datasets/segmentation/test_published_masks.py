"""Cityscapes and ADE20K in their official layouts."""

import numpy as np
import pytest
from support.field_layouts import picture, write_image
from support.user_errors import user_error

from mdetools.datasets import ADE20KDataset, CityscapesDataset
from mdetools.testing import check_dataset

PACK = [dict(type="PackSample")]
# trainId of each number, from cityscapesScripts' table: 255 is not evaluated.
TRAIN_IDS = [255] * 7 + [0, 1, 255, 255, 2, 3, 4, 255, 255, 255, 5, 255, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255]
TRAIN_IDS += [16, 17, 18]


@pytest.fixture
def cityscapes(tmp_path):
    for city, number in (("aachen", 19), ("zurich", 3)):
        name = f"{city}_000000_0000{number:02d}"
        values = np.random.default_rng(number).permutation(np.arange(36) % 34).reshape(6, 6).astype(np.uint8)
        write_image(tmp_path / f"leftImg8bit/train/{city}/{name}_leftImg8bit.png", picture(6, 6))
        folder = tmp_path / "gtFine/train" / city
        write_image(folder / f"{name}_gtFine_labelIds.png", values)
        write_image(folder / f"{name}_gtFine_color.png", picture(6, 6))
        write_image(folder / f"{name}_gtFine_instanceIds.png", values.astype(np.uint16) * 1000)
    return tmp_path


def test_cityscapes(cityscapes):
    dataset = CityscapesDataset(str(cityscapes), "train", PACK)
    assert len(dataset) == 2 and len(dataset.metainfo["classes"]) == 19 and dataset.classes[13] == "car"
    assert dataset.frames[0].id == "train/aachen/aachen_000000_000019"
    check_dataset(dataset)
    numbers = np.random.default_rng(19).permutation(np.arange(36) % 34).reshape(6, 6)
    np.testing.assert_array_equal(dataset[0]["semantic"][0].numpy(), np.array(TRAIN_IDS)[numbers])
    user_error(lambda: CityscapesDataset(str(cityscapes), "val"), "leftImg8bit/val/<city>/<name>_leftImg8bit.png with")
    path = cityscapes / "gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png"
    write_image(path, np.full((6, 6), 40, np.uint8))
    user_error(lambda: dataset[0], f"{path}: holds the number 40 at 36 pixels")


@pytest.fixture
def ade20k(tmp_path):
    for folder, name in (("training", "ADE_train_00000001"), ("validation", "ADE_val_00000001")):
        write_image(tmp_path / f"images/{folder}/{name}.jpg", picture(10, 16))
        values = np.arange(160, dtype=np.uint8).reshape(10, 16) % 151
        write_image(tmp_path / f"annotations/{folder}/{name}.png", values)
    return tmp_path


def test_ade20k(ade20k):
    dataset = ADE20KDataset(str(ade20k), "val", PACK)
    check_dataset(dataset)
    expected = np.arange(160) % 151 - 1
    expected[expected < 0] = 255
    assert dataset[0]["semantic"].flatten().tolist() == expected.tolist()
    assert dataset.frames[0].id == "validation/ADE_val_00000001" and dataset.metainfo["classes"][149] == "149"
    user_error(lambda: ADE20KDataset(str(ade20k), "testing"), "no split 'testing'")


def test_names_are_those_of_the_archive(ade20k):
    head, lines = (
        "Idx\tRatio\tTrain\tVal\tStuff\tName\n",
        [f"{n}\t0.1\t9\t9\t1\tthing {n}, stuff" for n in range(1, 151)],
    )
    (ade20k / "objectInfo150.txt").write_text(head + "\n".join(lines) + "\n")
    assert ADE20KDataset(str(ade20k)).classes[:2] == ["thing 1", "thing 2"]
    (ade20k / "objectInfo150.txt").write_text(head + "\n".join(lines[1:]))
    user_error(lambda: ADE20KDataset(str(ade20k)), "names 149 classes, expected 150")
