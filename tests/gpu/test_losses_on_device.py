"""Values and gradients of the losses are those of the CPU."""

import pytest
import torch
from support.devices import moved
from support.predictions import QUANTITIES_OF_LOSSES, pyramid_of

from mdetools.registry import LOSSES
from mdetools.testing import example_prediction, example_targets

pytestmark = pytest.mark.gpu


def value_and_gradient(loss, quantity, targets, device, pyramid):
    leaf = example_prediction(quantity, targets).to(device).requires_grad_()
    prediction = pyramid_of(leaf, leaf[..., ::2, ::2] / 2) if pyramid else {quantity: leaf}
    value = loss(prediction, moved(targets, device))
    assert value.device.type == torch.device(device).type
    value.backward()
    return value.cpu(), leaf.grad.cpu()


@pytest.mark.parametrize(("name", "quantity"), QUANTITIES_OF_LOSSES)
def test_value_and_gradient(name, quantity, device):
    targets, pyramid = example_targets(), quantity == "disparity" and name not in ("SiLogLoss", "AffineInvariantLoss")
    loss = LOSSES.build(dict(type=name))
    expected, expected_gradient = value_and_gradient(loss, quantity, targets, "cpu", pyramid)
    value, gradient = value_and_gradient(loss.to(device), quantity, targets, device, pyramid)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-3, atol=1e-5 * expected_gradient.abs().max().item())
