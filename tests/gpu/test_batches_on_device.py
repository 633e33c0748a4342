"""What happens to a batch between the loader and the model: moved, mixed, and taught by a frozen network."""

import numpy as np
import pytest
import torch
from support.devices import device_types, moved
from support.models import loader_batch, small_estimator

from mdetools.models import FrozenNetwork
from mdetools.models.batch_steps import CutMix
from mdetools.models.data_preprocessor import IMAGENET_MEAN, IMAGENET_STD
from mdetools.registry import MODELS
from mdetools.testing import example_targets

pytestmark = pytest.mark.gpu


def test_the_preprocessor_moves_all_but_the_sizes(device):
    raw = loader_batch()
    data = MODELS.build(dict(type="DataPreprocessor")).to(device)(raw)
    targets = data["targets"]
    assert set(targets) == set(raw)
    assert device_types({**data, "targets": {**targets, "size": None}}) == {device.type}
    assert targets["size"].device.type == "cpu" and torch.equal(targets["size"], raw["size"])
    mean, std = (np.array(values).reshape(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    expected = (raw["image"].numpy() / 255 - mean) / std
    np.testing.assert_allclose(data["image"].cpu().numpy(), expected, rtol=0, atol=1e-6)
    for name in ("depth", "valid_mask", "semantic", "intrinsics", "point_pairs"):
        assert targets[name].dtype == raw[name].dtype and torch.equal(targets[name].cpu(), raw[name])


def test_cut_mix_draws_the_same_boxes_and_stays_on_the_device(device):
    targets = example_targets()
    mixed = []
    for place in ("cpu", device):
        torch.manual_seed(0)
        mixed.append(CutMix(prob=1.0)(moved(targets, place), training=True))
    expected, found = mixed
    assert device_types(found) == {device.type} and found.keys() == expected.keys()
    assert found["region"].any() and not found["region"].all()
    for name, value in expected.items():
        if name != "meta":
            torch.testing.assert_close(found[name].cpu(), value, rtol=0, atol=0, equal_nan=True)


def test_a_frozen_network_follows_the_image(device):
    image = example_targets((28, 42))["image"]
    teacher = FrozenNetwork(small_estimator("disparity"))
    expected = teacher(image)["disparity"]
    found = teacher(image.to(device))
    assert device_types(found) == {device.type}
    assert device_types(list(teacher.module.parameters())) == {device.type}
    torch.testing.assert_close(found["disparity"].cpu(), expected, rtol=1e-4, atol=1e-5)
    assert device_types(teacher(image)) == {"cpu"}
