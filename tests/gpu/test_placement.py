"""Nothing is left on the CPU: each part runs on a pretended GPU, where mixing devices raises as on a real one."""

from types import SimpleNamespace

import pytest
import torch
from support.devices import PretendedGPU, device_types
from support.models import loader_batch, small_estimator
from support.predictions import QUANTITIES_OF_LOSSES, prediction_for

from mdetools.evaluation import PROTOCOLS, DepthMetric, evaluate_image
from mdetools.models.batch_steps import CutMix, cut_mix
from mdetools.models.losses import grouping
from mdetools.models.postprocess.flip_averaging import merge_flipped
from mdetools.registry import LOSSES, MODELS
from mdetools.testing import example_prediction, example_targets


@pytest.fixture
def gpu(monkeypatch):
    """How many regions there are is the host's and needs values; two are given here."""
    monkeypatch.setattr(grouping, "region_ids", lambda region: torch.arange(2, device=region.device))
    return PretendedGPU()


def test_mixing_devices_raises_on_the_pretended_gpu(gpu):
    here, there = gpu.take(torch.ones(3), device="cpu"), gpu.take(torch.ones(3))
    assert (there + there).device.type == "cuda" and (here + here).device.type == "cpu"
    with pytest.raises(RuntimeError, match="at least two devices, cpu and cuda:0"):
        here + there


def test_every_loss_is_in_the_table():
    import mdetools.models.losses as module

    own = {name for name, loss in LOSSES.module_dict.items() if loss.__module__.startswith(module.__name__)}
    assert {name for name, _ in QUANTITIES_OF_LOSSES} == own


@pytest.mark.parametrize(("name", "quantity"), QUANTITIES_OF_LOSSES)
def test_losses(gpu, name, quantity):
    targets = example_targets()
    values = gpu.take(example_prediction(quantity, targets))
    loss = LOSSES.build(dict(type=name))
    with gpu:
        value = loss(prediction_for(name, quantity, values), gpu.take(targets, host=("size",)))
    assert value.device.type == "cuda"


@pytest.mark.parametrize("quantity", ["depth", "inverse_depth", "disparity"])
def test_model_and_its_training_loss(gpu, quantity):
    losses = {
        "depth": dict(silog=dict(type="SiLogLoss")),
        "inverse_depth": dict(affine=dict(type="AffineInvariantLoss"), gradient=dict(type="GradientMatchingLoss")),
        "disparity": dict(photometric=dict(type="PhotometricLoss"), smooth=dict(type="EdgeAwareSmoothnessLoss")),
    }
    model = gpu.take_module(small_estimator(quantity, losses[quantity]))
    targets = gpu.take(example_targets((28, 42)), host=("size",))
    with gpu:
        found = model(model.data_preprocessor.normalize(targets["image"]), targets, mode="loss")
    assert set(found) == {f"loss_{name}" for name in losses[quantity]} and device_types(found) == {"cuda"}


@pytest.mark.parametrize("mode", ["mean", "stereo"])
@pytest.mark.parametrize("quantity", ["depth", "disparity"])
def test_prediction_and_flip(gpu, quantity, mode):
    model = gpu.take_module(small_estimator(quantity, flip_test=mode).eval())
    image = gpu.take(example_targets((28, 42))["image"])
    with gpu, torch.no_grad():
        (first, second) = model(image, {}, mode="predict")
        merged = merge_flipped({quantity: image[:, :1]}, {quantity: image[:, :1]}, mode)
    assert device_types([first, second, merged]) == {"cuda"}


def test_the_preprocessor_leaves_the_sizes_on_the_host(gpu):
    preprocessor = gpu.take_module(MODELS.build(dict(type="DataPreprocessor")))
    batch = gpu.take(loader_batch(), device="cpu")
    with gpu:
        data = preprocessor.to("cuda")(batch)
    targets = data["targets"]
    assert targets["size"].device.type == "cpu" and targets["meta"] == batch["meta"]
    assert device_types({**data, "targets": {**targets, "size": None}}) == {"cuda"}


@pytest.mark.parametrize("on", [None, "unlabelled"])
def test_cut_mix(gpu, monkeypatch, on):
    """The draws are the host's and need values; the boxes are given here."""
    monkeypatch.setattr(cut_mix, "random_boxes", lambda count, *_: [(2, 3, 4, 5)] * count)
    targets = gpu.take(example_targets(), host=("size",))
    with gpu:
        monkeypatch.setattr(torch, "rand", lambda *_, **__: SimpleNamespace(item=lambda: 0.0))
        mixed = CutMix(prob=1.0, on=on)(targets, training=True)
    assert device_types({name: value for name, value in mixed.items() if name != "size"}) == {"cuda"}
    assert mixed["size"].device.type == "cpu"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_evaluation(gpu, protocol):
    targets = gpu.take(example_targets((48, 64)))
    quantity = "inverse_depth" if PROTOCOLS[protocol].alignment.endswith("disparity") else "depth"
    with gpu:
        prediction = {quantity: targets["depth"][0] + 1}
        row = evaluate_image(prediction, targets["depth"][0], targets["valid_mask"][0], PROTOCOLS[protocol])
    assert row.device.type == "cuda"


def test_a_metric_leaves_its_rows_on_the_gpu(gpu):
    """Which it would wait for with each image; on the CPU it keeps numbers."""
    targets = example_targets((48, 64))
    batch = gpu.take(targets, device="cpu") | {"meta": {"id": ["a"] * len(targets["depth"])}}
    metric = DepthMetric()
    with gpu:
        metric.process(batch, [{"depth": one} for one in gpu.take(targets["depth"])])
    rows = [result["row"] for result in metric.results]
    assert len(rows) == len(targets["depth"]) and device_types(rows) == {"cuda"}
