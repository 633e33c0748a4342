"""Values and gradients of the losses are those of the CPU."""

import pytest
import torch
from support.devices import moved
from support.predictions import QUANTITIES_OF_LOSSES, prediction_for

from mdetools.registry import LOSSES
from mdetools.testing import example_prediction, example_targets

pytestmark = pytest.mark.gpu


def value_and_gradient(loss, quantity, targets, device):
    leaf = example_prediction(quantity, targets).to(device).requires_grad_()
    value = loss(prediction_for(type(loss).__name__, quantity, leaf), moved(targets, device))
    assert value.device.type == torch.device(device).type
    value.backward()
    return value.cpu(), leaf.grad.cpu()


@pytest.mark.parametrize(
    ("name", "quantity", "options"),
    [(*one, {}) for one in QUANTITIES_OF_LOSSES]
    + [
        ("AffineInvariantLoss", "inverse_depth", dict(trim=0.1)),
        ("ScaleShiftInvariantLoss", "inverse_depth", dict(trim=0.2, unit_target=True)),
        ("GradientMatchingLoss", "inverse_depth", dict(alignment="least_squares", trim=0.1)),
    ],
)
def test_value_and_gradient(name, quantity, options, device):
    targets = example_targets()
    targets["region"] = (targets["image"][:, :1] > 0.5).long()
    loss = LOSSES.build(dict(type=name, **options))
    expected, expected_gradient = value_and_gradient(loss, quantity, targets, "cpu")
    value, gradient = value_and_gradient(loss.to(device), quantity, targets, device)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-3, atol=1e-5 * expected_gradient.abs().max().item())
