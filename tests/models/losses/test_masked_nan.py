"""What the mask leaves out may be NaN: neither it nor its gradient comes through, whatever the loss computes of it."""

import pytest
import torch

from mdetools.registry import LOSSES
from mdetools.testing import example_prediction, example_targets

SUPERVISED = {
    "AffineInvariantLoss": "inverse_depth",
    "AlignedAbsRelLoss": "inverse_depth",
    "BerHuLoss": "depth",
    "GradientMatchingLoss": "inverse_depth",
    "L1Loss": "depth",
    "ScaleShiftInvariantLoss": "inverse_depth",
    "SiLogLoss": "depth",
}


@pytest.mark.parametrize(("name", "quantity"), SUPERVISED.items())
def test_value_and_gradient_are_those_without_nan(name, quantity):
    loss, targets = LOSSES.build({"type": name}), example_targets()
    outside = ~targets["valid_mask"]
    assert outside.any()
    found = []
    for filling in (0.0, torch.nan):
        values = example_prediction(quantity, targets).clone().requires_grad_()
        filled = {key: targets[key].masked_fill(outside, filling) for key in ("depth", "inverse_depth")}
        value = loss({quantity: values}, {**targets, **filled})
        value.backward()
        found.append((value.detach(), values.grad))
    (plain, gradient), (bare, of_nan) = found
    assert torch.equal(plain, bare) and torch.equal(gradient, of_nan) and gradient.any()
