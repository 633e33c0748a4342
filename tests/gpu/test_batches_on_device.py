"""What happens to a batch between the loader and the model: moved, mixed, and taught by a frozen network."""

import numpy as np
import pytest
import torch
from support.devices import device_types, moved, recorded_waits
from support.models import FOUR_BLOCKS, OUTPUTS, loader_batch, small_estimator

from mdetools.models import FrozenNetwork
from mdetools.models.batch_steps import CutMix, FrozenFeatures, PseudoLabels
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


@pytest.mark.parametrize("on", [None, "unlabelled"])
def test_cut_mix_draws_the_same_boxes_and_stays_on_the_device(device, on):
    targets = example_targets() | {"unlabelled": torch.tensor([True, True])}
    mixed = []
    for place in ("cpu", device):
        torch.manual_seed(0)
        mixed.append(CutMix(prob=1.0, on=on)(moved(targets, place), training=True))
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


def test_steps_with_a_frozen_network_stay_on_the_device_and_wait_once(device, tmp_path):
    teacher = small_estimator("inverse_depth")
    torch.save({"meta": {"mdetools_version": "1.0"}, "state_dict": teacher.state_dict()}, tmp_path / "teacher.pth")
    backbone = dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS)
    head = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=OUTPUTS["inverse_depth"])
    model, path = dict(type="Estimator", backbone=backbone, head=head), str(tmp_path / "teacher.pth")
    targets = {name: value for name, value in example_targets((28, 42)).items() if name not in ("depth", "features")}
    targets["unlabelled"] = torch.tensor([False, True])
    for step in (PseudoLabels(model, path), FrozenFeatures(backbone, path)):
        expected = step(targets, True)
        there = moved(targets, device)
        step(there, True)  # the network's own way to the device
        with recorded_waits(device) as waits:
            found = step(there, True)
        assert len(waits) == 1, waits  # for the number of unlabelled samples
        assert device_types({**found, "size": None}) == {device.type}
        for name in {"inverse_depth", "valid_mask", "features"} & expected.keys():
            torch.testing.assert_close(found[name].cpu(), expected[name], rtol=1e-4, atol=1e-4, equal_nan=True)


def test_mixing_the_unlabelled_waits_for_nothing(device):
    targets = moved(example_targets() | {"unlabelled": torch.tensor([True, True])}, device)
    step = CutMix(prob=1.0, on="unlabelled")
    step(targets, True)
    with recorded_waits(device) as waits:
        step(targets, True)
    assert len(waits) == (device.type == "cpu"), waits  # there a draw of the host looks like one
