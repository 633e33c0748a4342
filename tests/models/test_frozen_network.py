import copy

import pytest
import torch
from torch import nn

from mdetools.errors import UserError
from mdetools.models import FrozenNetwork
from mdetools.models.model_config import without_training
from mdetools.registry import BATCH_STEPS, MODELS
from mdetools.testing import example_targets


class Backbone(nn.Module):
    channels, strides = [4], [1]

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)

    def forward(self, image):
        return [self.norm(self.conv(image))]


class Head(nn.Module):
    def __init__(self, in_channels, in_strides):
        super().__init__()
        self.conv, self.dropout = nn.Conv2d(in_channels[0], 1, 1), nn.Dropout(0.5)

    def forward(self, features, image_size):
        return {"inverse_depth": self.dropout(self.conv(features[0])).exp()}


CONFIG = dict(type="Estimator", backbone=dict(type=Backbone), head=dict(type=Head))


@BATCH_STEPS.register_module(name="_TeachForTest", force=True)
class Teach:
    """Writes what a frozen teacher predicts as `inverse_depth`."""

    def __init__(self, checkpoint=None):
        self.teacher = FrozenNetwork.from_config(CONFIG, checkpoint)

    def __call__(self, targets, training):
        return targets | {"inverse_depth": self.teacher(targets["image"])["inverse_depth"]}


def student(steps=None):
    torch.manual_seed(0)
    return MODELS.build(dict(**CONFIG, data_preprocessor=dict(type="DataPreprocessor", steps=steps)))


def batch():
    image = torch.randint(0, 256, (2, 3, 6, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return {"image": image, "meta": {"id": ["a", "b"]}}


@pytest.fixture
def taught():
    return student(dict(teach=dict(type="_TeachForTest"), nothing=None))


def test_nothing_that_collects_the_parts_of_a_model_finds_it(taught):
    plain = student()
    assert list(taught.state_dict()) == list(plain.state_dict())
    assert [name for name, _ in taught.named_parameters()] == [name for name, _ in plain.named_parameters()]
    assert len(list(taught.modules())) == len(list(plain.modules()))
    for one, other in zip(taught.state_dict().values(), plain.state_dict().values(), strict=True):
        assert torch.equal(one, other)  # nor does building it change how the student starts
    teacher = taught.data_preprocessor.steps["teach"].teacher
    assert copy.deepcopy(taught).data_preprocessor.steps["teach"].teacher is teacher


def test_it_stays_in_evaluation_mode_and_unchanged_while_the_student_trains(taught):
    teacher = taught.data_preprocessor.steps["teach"].teacher
    before = copy.deepcopy(teacher.module.state_dict())
    taught.train()
    assert not teacher.module.training
    data = taught.data_preprocessor(batch(), training=True)
    assert not data["targets"]["inverse_depth"].requires_grad
    prediction = taught(data["image"], mode="tensor")["inverse_depth"]
    (prediction - data["targets"]["inverse_depth"]).square().mean().backward()
    assert all(torch.equal(before[key], value) for key, value in teacher.module.state_dict().items())
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in teacher.module.parameters())


def test_it_normalises_in_its_own_way():
    module = MODELS.build({**CONFIG, "data_preprocessor": dict(type="DataPreprocessor", mean=(0.5,) * 3, std=(1,) * 3)})
    image = example_targets((6, 8))["image"]
    with torch.no_grad():
        expected = module.eval()(image - 0.5)["inverse_depth"]
    torch.testing.assert_close(FrozenNetwork(module)(image)["inverse_depth"], expected)


def test_its_weights_come_from_a_checkpoint(tmp_path):
    trained = MODELS.build(CONFIG)
    torch.save({"meta": {"mdetools_version": "0.1"}, "state_dict": trained.state_dict()}, tmp_path / "teacher.pth")
    teacher = FrozenNetwork.from_config(CONFIG, str(tmp_path / "teacher.pth"))
    assert all(map(torch.equal, teacher.module.state_dict().values(), trained.state_dict().values()))
    with pytest.raises(UserError, match=r"no checkpoint .*missing.pth"):
        FrozenNetwork.from_config(CONFIG, str(tmp_path / "missing.pth"))


def test_with_a_checkpoint_it_neither_downloads_nor_takes_what_training_needs(tmp_path):
    """The backbone takes no `pretrained`, and there is no such loss or step: building them would fail."""
    trained = MODELS.build(CONFIG)
    torch.save({"meta": {"mdetools_version": "0.1"}, "state_dict": trained.state_dict()}, tmp_path / "teacher.pth")
    config = dict(
        **CONFIG | {"backbone": dict(type=Backbone, pretrained=True)},
        losses=dict(a=dict(type="NoSuchLoss")),
        data_preprocessor=dict(type="DataPreprocessor", mean=(0.5,) * 3, steps=dict(a=dict(type="NoSuchStep"))),
    )
    before = copy.deepcopy(config)
    teacher = FrozenNetwork.from_config(config, str(tmp_path / "teacher.pth"))
    assert teacher.module.data_preprocessor.mean.flatten().tolist() == [0.5] * 3
    assert config == before
    with pytest.raises(TypeError, match="pretrained"):
        FrozenNetwork.from_config(config | {"data_preprocessor": None})  # as it is built: with the download


def test_what_a_model_of_ones_own_takes_stays_in_its_config():
    config = dict(
        type="Own", backbone=dict(type="A", width=3), neck=dict(type="B"), flip_test="mean", losses=dict(a={})
    )
    kept = without_training(config)
    assert kept == dict(type="Own", backbone=dict(type="A", width=3), neck=dict(type="B"), flip_test="mean")
