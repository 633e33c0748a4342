import h5py
import numpy as np
import pytest
from mdetools_example_plugin.backbone import TinyBackbone
from mdetools_example_plugin.dataset import FolderOfFrames
from mdetools_example_plugin.head import TinyHead
from mdetools_example_plugin.loss import HuberDepthLoss
from mdetools_example_plugin.metric import DepthBias
from mdetools_example_plugin.step import ForgetDepth
from mdetools_example_plugin.transform import RandomShiftCrop

from mdetools import testing


@pytest.fixture
def dataset(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "val").mkdir()
    for name in ("a", "b"):
        with h5py.File(tmp_path / "val" / f"{name}.h5", "w") as file:
            file["rgb"] = rng.integers(0, 256, (3, 40, 60), dtype=np.uint8)
            file["depth"] = rng.uniform(0, 5, (40, 60)).astype(np.float32).round(1)
            file["intrinsics"] = np.array([[50, 0, 29.5], [0, 50, 19.5], [0, 0, 1]], dtype=np.float32)
    crop = dict(type="RandomShiftCrop", size=(32, 48))
    return FolderOfFrames(str(tmp_path), "val", pipeline=[crop, dict(type="PackSample")])


def test_backbone_and_head():
    backbone = TinyBackbone()
    testing.check_backbone(backbone, image_size=(48, 64))
    head = TinyHead(backbone.channels, backbone.strides)
    testing.check_head(head, backbone(testing.example_targets((48, 64))["image"]), image_size=(48, 64))


def test_loss():
    testing.check_loss(HuberDepthLoss(), "depth")


def test_dataset(dataset):
    testing.check_dataset(dataset)


def test_transform(dataset):
    testing.check_transform(RandomShiftCrop((32, 48)), dataset.load(0))


def test_step():
    targets = testing.example_targets((40, 60))
    kept = ForgetDepth(share=0.25)(targets, training=True)["valid_mask"]
    assert not (kept & ~targets["valid_mask"]).any()
    assert kept.sum() / targets["valid_mask"].sum() == pytest.approx(0.75, abs=0.05)
    assert ForgetDepth()(targets, training=False) is targets


def test_field(dataset):
    sample = {**dataset.load(0), "confidence": np.ones((40, 60), np.float32)}
    packed = dataset.transform(sample, np.random.default_rng(0))
    assert packed["confidence"].shape == (1, 32, 48)


def test_metric():
    testing.check_metric(DepthBias())
