"""What the host waits for, and what stays on the device: a wait in every step is time in which a GPU does nothing."""

import pytest
import torch
from mmengine.optim import OptimWrapper
from support.devices import device_types, moved, recorded_waits
from support.models import loader_batch, small_estimator
from support.predictions import QUANTITIES_OF_LOSSES, prediction_for

from mdetools.engine.optim.amp import AmpOptimWrapper
from mdetools.evaluation import DepthMetric, SegmentationMetric
from mdetools.registry import LOSSES
from mdetools.testing import example_prediction, example_targets

pytestmark = pytest.mark.gpu

SILOG = dict(silog=dict(type="SiLogLoss"))


def test_waits_are_seen(device):
    values = torch.arange(4.0, device=device)
    with recorded_waits(device) as waits:
        values[values > 1].sum().item()
    assert len(waits) >= 2


@pytest.mark.parametrize(
    ("protocol", "quantity"), [("nyu", "depth"), ("kitti_garg_80", "depth"), ("nyu_lstsq_disparity", "inverse_depth")]
)
def test_an_evaluation_waits_once(protocol, quantity, device):
    """However many images: for the table of rows, at the end."""
    targets = example_targets((48, 64))
    predictions = [{quantity: 1 + one} for one in targets["depth"].to(device)]
    metric = DepthMetric(protocol)
    metric.process(targets, predictions)  # what is loaded lazily may wait
    with recorded_waits(device) as waits:
        for _ in range(3):
            metric.process(targets, predictions)
    assert waits == []
    rows = [result["row"] for result in metric.results]
    assert len(rows) == 8 and (type(rows[0]) is list if device.type == "cpu" else device_types(rows) == {device.type})
    with recorded_waits(device) as waits:
        metric.evaluate(8)
    assert len(waits) == (device.type == "cuda")


def test_an_evaluation_of_classes_waits_once(device):
    targets, metric = example_targets((48, 64)), SegmentationMetric()
    predictions = [{"logits": one} for one in example_prediction("logits", targets).to(device)]
    metric.process(targets, predictions)
    with recorded_waits(device) as waits:
        for _ in range(3):
            metric.process(targets, predictions)
    assert waits == []
    with recorded_waits(device) as waits:
        metric.evaluate(8)
    assert len(waits) == (device.type == "cuda") and metric.confusion.sum() == 4 * (targets["semantic"] != 255).sum()


def test_rows_hold_no_maps(device):
    """A row that were a view would keep a whole image's errors until the end of an evaluation; on the CPU, numbers."""
    targets, metric = example_targets((48, 64)), DepthMetric("nyu")
    metric.process(targets, [{"depth": 1 + one} for one in targets["depth"].to(device)])
    for result in metric.results:
        if device.type == "cpu":
            assert all(type(number) is float for number in result["row"])
        else:
            assert result["row"].untyped_storage().nbytes() == 4 * result["row"].numel()


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_training_step_waits_for_nothing(precision, device):
    """Forward, backward and the fused optimiser; clipping logs the norm, which is one wait."""
    for clip_grad, expected in ((None, 0), ({"max_norm": 100.0}, 1)):
        model = small_estimator(losses=SILOG).to(device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
        if precision == "fp32":
            wrapper = OptimWrapper(optimizer, clip_grad=clip_grad)
        else:
            wrapper = AmpOptimWrapper(optimizer, precision, clip_grad=clip_grad)
        wrapper.initialize_count_status(model, 0, 2)
        batch = loader_batch()
        model.train_step(batch, wrapper)
        with recorded_waits(device) as waits:
            model.train_step(batch, wrapper)
        assert len(waits) == expected, waits


@pytest.mark.parametrize(("name", "quantity"), QUANTITIES_OF_LOSSES)
def test_losses_wait_for_nothing(name, quantity, device):
    """But for how many regions there are, where there are any: once. (A copy to the host is not seen on the CPU.)"""
    targets = moved(example_targets(), device)
    prediction = prediction_for(name, quantity, example_prediction(quantity, targets).to(device))
    images = {key: value for key, value in targets.items() if key != "region"}
    loss = LOSSES.build(dict(type=name))
    regional = "Invariant" in name or "Matching" in name
    for given, expected in ((images, 0), (targets, int(regional and device.type == "cuda"))):
        loss(prediction, given)  # what is loaded lazily may wait
        with recorded_waits(device) as waits:
            loss(prediction, given)
        assert len(waits) == expected, waits


def test_steps_leave_no_memory_behind(device):
    if device.type == "cpu":
        pytest.skip("needs a GPU, whose allocator counts what is held")
    model = small_estimator(losses=SILOG).to(device)
    wrapper = AmpOptimWrapper(torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True), "bf16")
    wrapper.initialize_count_status(model, 0, 20)
    held = []
    for _ in range(20):
        model.train_step(loader_batch(), wrapper)
        held.append(torch.cuda.memory_allocated())
    assert len(set(held[3:])) == 1, held
