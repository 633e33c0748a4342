"""One crop, seen twice: with changed colours by the student, as it was by the teacher."""

import numpy as np
import pytest
import torch
from support.field_layouts import picture, write_image
from support.paths import ROOT

from mdetools.contract import SampleIndex
from mdetools.datasets import ImageFolderDataset
from mdetools.datasets.transforms import CleanView
from mdetools.engine.configs.loading import load_config
from mdetools.testing import check_transform

CLEAN, PACK = dict(type="CleanView"), dict(type="PackSample")
GEOMETRIC = {
    "crop": dict(type="RandomCrop", size=(30, 36)),
    "aspect": dict(type="RandomAspectCrop", aspect=1.1),
    "zoom": dict(type="RandomZoom", zoom=(1.2, 1.8)),
    "flip": dict(type="RandomHorizontalFlip"),
    "resize": dict(type="Resize", size=28),
    "area": dict(type="Resize", size=14, interpolation="area"),
}
COLOURS = [
    dict(type="Albumentations", transforms=[dict(type="ColorJitter", p=1.0), dict(type="GaussNoise", p=1.0)]),
    dict(type="GaussianNoise", std_range=(0.05, 0.1), prob=1.0),
    dict(type="ChannelScale"),
]


def strong():
    cfg = load_config(str(ROOT / "configs/_base_/datasets/image_folder.py"))
    return dict(cfg.train_dataloader.dataset.pipeline)


@pytest.fixture
def photo(tmp_path):
    write_image(tmp_path / "photo.png", picture(48, 64))
    return str(tmp_path)


@pytest.mark.parametrize("order", [["crop", "flip", "resize"], ["resize", "flip", "aspect", "area"], ["zoom", "flip"]])
def test_the_clean_view_is_the_same_crop_to_the_bit(photo, order):
    geometric = [GEOMETRIC[name] for name in order]
    clean_first = ImageFolderDataset(photo, pipeline=[CLEAN, *geometric, *COLOURS, PACK])
    clean_last = ImageFolderDataset(photo, pipeline=[*geometric, CLEAN, *COLOURS, PACK])
    plain = ImageFolderDataset(photo, pipeline=[*geometric, PACK])
    flipped = set()
    for epoch in range(20):
        index = SampleIndex(0, epoch, 0)
        expected = plain[index]["image"]
        for sample in (clean_first[index], clean_last[index]):
            assert torch.equal(sample["image_clean"], expected)
            assert not torch.equal(sample["image"], expected)
        flipped.add(expected[:, :4, :4].numpy().tobytes())
    assert len(flipped) > 2  # many crops were seen


def test_the_base_configs_colours_are_of_the_stated_frequency(photo):
    pipeline = strong()
    assert list(pipeline) == ["crop", "flip", "clean", "colours", "resize", "pack"]
    dataset = ImageFolderDataset(photo, pipeline=[CLEAN, pipeline["colours"], PACK])
    grey, same = [], []
    for epoch in range(400):
        sample = dataset[SampleIndex(0, epoch, 0)]
        image = sample["image"].int()
        grey.append(bool((image[0] == image[1]).all() and (image[1] == image[2]).all()))
        same.append(torch.equal(sample["image"], sample["image_clean"]))
    assert np.mean(grey) == pytest.approx(0.2, abs=0.06)
    assert np.mean(same) == pytest.approx(0.2 * 0.8 * 0.5, abs=0.04)


def test_the_whole_pipeline_of_the_base_config(photo):
    pipeline = strong() | dict(resize=dict(type="Resize", size=28))
    sample = ImageFolderDataset(photo, pipeline=pipeline)[SampleIndex(0, 1, 0)]
    without = {name: None if name in ("clean", "colours") else step for name, step in pipeline.items()}
    plain = ImageFolderDataset(photo, pipeline=without)[SampleIndex(0, 1, 0)]
    assert sample["image_clean"].shape == (3, 28, 28) and torch.equal(sample["image_clean"], plain["image"])


def test_keeps_the_contract():
    check_transform(CleanView(), {"image": picture(), "meta": {"id": "a"}})
