"""The batteries find what is wrong: each case breaks a sound component in one way and names the complaint."""

import copy

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric
from torch import nn
from torch.utils.data import Dataset

from mdetools import testing
from mdetools.contract.types import SampleIndex


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.unused, self.fault = nn.Conv2d(3, 4, 3, stride=2, padding=1), None, None
        self.channels, self.strides = [4], [2]

    def forward(self, image):
        out = self.conv(image)
        if self.fault == "random":
            out = out + torch.rand(())
        return (out,) if self.fault == "tuple" else [out]


def break_backbone(fault):
    backbone = Backbone()
    backbone.fault = fault
    if fault == "channels":
        backbone.channels = [5]
    if fault == "stride":
        backbone.strides = [4]
    if fault == "count":
        backbone.strides = [2, 4]
    if fault == "unused":
        backbone.unused = nn.Linear(1, 1)
    return backbone


def test_backbone():
    testing.check_backbone(Backbone(), (31, 40))


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("tuple", "Backbone must return a list"),
        ("count", r"gives 1 maps, declares \(channels, strides\) \(1, 2\)"),
        ("channels", "declared C = 5"),
        ("stride", "declared stride 4"),
        ("random", "two calls in eval mode differ"),
        ("unused", "get no gradient: unused.weight, unused.bias"),
    ],
)
def test_faulty_backbone(fault, complaint):
    with pytest.raises(AssertionError, match=complaint):
        testing.check_backbone(break_backbone(fault), (31, 40))


class Head(nn.Module):
    """One convolution, or a fault."""

    def __init__(self, fault=None):
        super().__init__()
        self.conv, self.fault = nn.Conv2d(4, 1, 1), fault

    def forward(self, features, image_size):
        size = features[0].shape[2:] if self.fault == "size" else image_size
        depth = nn.functional.interpolate(self.conv(features[0]), size).exp()
        out = {"depth": -depth if self.fault == "negative" else depth}
        return out | {"disparity": depth} if self.fault == "two" else out

    def load_state_dict(self, state_dict, strict=True):
        if self.fault != "state":
            super().load_state_dict(state_dict, strict)


def test_head():
    testing.check_head(Head(), [torch.randn(2, 4, 8, 9)], (16, 18))


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("size", r"depth is \(2, 1, 8, 9\), expected .* \(2, 1, 16, 18\)"),
        ("two", "exactly one of"),
        ("negative", "depth must be positive"),
        ("state", "state_dict does not restore"),
    ],
)
def test_faulty_head(fault, complaint):
    with pytest.raises(AssertionError, match=f"Head.*{complaint}"):
        testing.check_head(Head(fault), [torch.randn(2, 4, 8, 9)], (16, 18))


class Loss(nn.Module):
    """Masked mean of absolute differences, or a fault."""

    def __init__(self, fault=None):
        super().__init__()
        self.fault, self.weight = fault, 1.0

    def forward(self, prediction, targets):
        depth, truth, mask = prediction["depth"], targets["depth"], targets["valid_mask"]
        error = (depth if self.fault == "half" else depth.float()) - truth.to(
            depth.dtype if self.fault == "half" else None
        )
        count = mask.sum() if self.fault == "empty" else mask.sum().clamp(min=1)
        if self.fault == "root":
            return self.weight * ((error.square() * mask).sum() / count).sqrt()
        loss = (error.abs() * mask).sum() / count
        if self.fault == "detached":
            return loss.detach()
        if self.fault == "biased":
            loss = loss + 0.1 * mask.any()
        return loss if self.fault == "weight" else self.weight * loss


def test_loss():
    testing.check_loss(Loss(), "depth")


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("empty", r"\(empty mask\): the value is nan"),
        ("root", r"\(empty mask\): the gradient is not finite"),
        ("half", r"\(float16\): must be a float32 scalar, got torch.float16"),
        ("detached", r"\(random\): the value is cut off"),
        ("biased", "0.1.* for a perfect prediction"),
        ("weight", "Loss.weight"),
    ],
)
def test_faulty_loss(fault, complaint):
    with pytest.raises(AssertionError, match=complaint):
        testing.check_loss(Loss(fault), "depth")


def test_an_unsupervised_loss_needs_no_zero():
    class Smoothness(nn.Module):
        weight = 1.0

        def forward(self, prediction, targets):
            return self.weight * (1 + sum(map_.float().diff(dim=3).square().mean() for map_ in prediction["pyramid"]))

    def pyramid(values):
        return {"disparity": values, "pyramid": [values, values[..., ::2, ::2] / 2]}

    testing.check_loss(Smoothness(), "disparity", pyramid, supervised=False)


def break_sample(fault):
    sample = {key: value[0] for key, value in testing.example_targets().items() if key != "meta"}
    sample |= {"meta": {"id": "one"}, "image": torch.zeros(3, 24, 32, dtype=torch.uint8)}
    sample["image_right"] = sample["image"]
    hole = ~sample["valid_mask"]
    changes = {
        "unknown": {"rgb": sample["image"]},
        "dtype": {"image": sample["image"].float()},
        "axes": {"depth": sample["depth"][0]},
        "size": {"depth": sample["depth"][:, 1:]},
        "hole": {"depth": sample["depth"] + hole},
        "nan": {"depth": sample["depth"] / ~hole},
        "zero": {"depth": 0 * sample["depth"]},
        "camera": {"intrinsics": torch.zeros(3, 3)},
        "double": {"intrinsics": torch.eye(3, dtype=torch.float64)},
        "baseline": {"baseline": torch.zeros(())},
        "meta": {"meta": {"id": 3}},
    }
    return sample | changes.get(fault, {})


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("unknown", r"unknown keys \['rgb'\]"),
        ("dtype", "image must be torch.uint8, got torch.float32"),
        ("axes", r"depth is \(24, 32\), not \(1, H, W\)"),
        ("size", "depth and valid_mask differ in size"),
        ("hole", "depth must be 0 where valid_mask is False"),
        ("nan", "depth is not finite"),
        ("zero", "depth must be positive where"),
        ("camera", "intrinsics tensor"),
        ("double", "intrinsics must be float32"),
        ("baseline", "baseline must be positive"),
        ("meta", "meta is"),
    ],
)
def test_faulty_sample(fault, complaint):
    testing.check_sample(break_sample(None), "sound")
    with pytest.raises(AssertionError, match=f"Broken: {complaint}"):
        testing.check_sample(break_sample(fault), "Broken")


class Samples(Dataset):
    def __init__(self, fault=None):
        self.fault, self.calls = fault, 0

    def __len__(self):
        return 3

    def __getstate__(self):
        return self.__dict__ | {"fault": "other" if self.fault == "pickle" else self.fault}

    def __getitem__(self, index):
        self.calls += 1
        sample = break_sample(None)
        position = index.index if isinstance(index, SampleIndex) else index
        changed = {"random": self.calls % 256, "other": 9}.get(self.fault, position)
        return sample | {"image": torch.full_like(sample["image"], changed)}


def test_dataset():
    testing.check_dataset(Samples())


@pytest.mark.parametrize(("fault", "complaint"), [("random", "it gives two samples"), ("pickle", "a pickled copy")])
def test_faulty_dataset(fault, complaint):
    with pytest.raises(AssertionError, match=rf"Samples\[0\].*{complaint}"):
        testing.check_dataset(Samples(fault))


class Flip:
    def __init__(self, fault=None):
        self.fault = fault

    def __call__(self, sample, rng):
        if self.fault == "in place":
            sample["image"][:] = sample["image"][:, ::-1].copy()
        if self.fault == "global random":
            return sample | {"image": np.random.randint(0, 255, (4, 5, 3)).astype(np.uint8)}
        if self.fault == "loses":
            return {"image": sample["image"]}
        if self.fault == "float":
            return sample | {"image": sample["image"].astype(np.float32)}
        if self.fault == "double":
            return sample | {"intrinsics": sample["intrinsics"].astype(np.float64)}
        if self.fault == "fills holes":
            return sample | {"depth": sample["depth"] + 1}
        return sample | {key: sample[key][:, ::-1] for key in ("image", "depth", "valid_mask")}


def working_sample():
    depth = np.arange(20, dtype=np.float32).reshape(4, 5)
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    return {"image": image, "depth": depth, "valid_mask": depth > 0, "intrinsics": np.eye(3, dtype=np.float32)}


def test_transform():
    testing.check_transform(Flip(), working_sample())


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("in place", "changes its input arrays"),
        ("global random", "draw from `rng` alone"),
        ("loses", r"loses \['depth', 'intrinsics', 'valid_mask'\]"),
        ("float", r"image must be uint8 \(H, W, 3\), got float32"),
        ("double", "intrinsics must be float32, got float64"),
        ("fills holes", "depth must be 0 where"),
    ],
)
def test_faulty_transform(fault, complaint):
    with pytest.raises(AssertionError, match=f"Flip.*{complaint}"):
        testing.check_transform(Flip(fault), copy.deepcopy(working_sample()))


class Count(BaseMetric):
    default_prefix = ""

    def __init__(self, fault=None):
        super().__init__()
        self.fault = fault

    def process(self, data_batch, data_samples):
        rows = [float(sample["depth"].mean()) for sample in data_samples]
        self.results += rows[:1] if self.fault == "batch" else rows

    def compute_metrics(self, results):
        return {"mean": float("nan") if self.fault == "nan" else sum(results) / len(results)}


def test_metric():
    testing.check_metric(Count())


@pytest.mark.parametrize(("fault", "complaint"), [("batch", "1 rows after 2 images"), ("nan", "mean is nan")])
def test_faulty_metric(fault, complaint):
    with pytest.raises(AssertionError, match=f"Count.*{complaint}"):
        testing.check_metric(Count(fault))
