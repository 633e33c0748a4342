"""Compilation and the channels-last layout leave a training step what it was."""

import copy
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import OptimWrapper
from support.models import loader_batch, small_estimator

from mdetools.engine.hooks import ChannelsLastHook, CompileHook
from mdetools.engine.optim.amp import AmpOptimWrapper

pytestmark = pytest.mark.gpu

RATE = 1e4  # so that steps are not lost in the rounding of the weights
TOLERANCE = {"fp32": 1e-4, "bf16": 0.1}  # of the whole step, against one without the speed-up


@pytest.fixture
def hook(request, device, monkeypatch):
    """Puts one of the hooks on a model."""
    torch._dynamo.reset()
    if device.type == "cpu":  # as on a GPU up to the generated code, which takes a C++ compiler here, and long
        monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager", fullgraph=True))

    def put(model):
        runner = SimpleNamespace(distributed=False, bare_model=model)
        if request.param == "compile":
            CompileHook().before_train(runner)
        else:
            ChannelsLastHook().before_run(runner)
        return model

    yield put
    torch._dynamo.reset()


def step(model, precision):
    """The loss of a step, and the change of all weights as one vector."""
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    wrapper = OptimWrapper(optimizer) if precision == "fp32" else AmpOptimWrapper(optimizer, precision)
    wrapper.initialize_count_status(model, 0, 1)
    before = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    loss = model.train_step(loader_batch(), wrapper)["loss"].item()
    return loss, torch.cat([parameter.detach().flatten() for parameter in model.parameters()]) - before


@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize("hook", [pytest.param("compile", marks=pytest.mark.slow), "channels_last"], indirect=True)
def test_a_training_step_and_predictions_of_another_size(hook, precision, device):
    plain = small_estimator(losses=dict(silog=dict(type="SiLogLoss"))).to(device)
    fast = hook(copy.deepcopy(plain))
    start = copy.deepcopy(plain.state_dict())
    (expected_loss, expected), (loss, change) = step(plain, precision), step(fast, precision)
    tolerance = TOLERANCE[precision]
    assert loss == pytest.approx(expected_loss, rel=tolerance)
    assert expected.norm() > 0 and (change - expected).norm() < tolerance * expected.norm()

    for model in (plain, fast):
        model.load_state_dict(start)
        model.eval()
    with torch.no_grad():
        results = [model.test_step(loader_batch((56, 28)))[0]["depth"] for model in (plain, fast)]
    assert results[0].std() > 1e-3 and results[0].shape == (1, 56, 28)
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("hook", ["channels_last"], indirect=True)
def test_convolutions_get_their_layout(hook, device):
    model = hook(small_estimator().to(device))
    weights = [one.weight for one in model.modules() if isinstance(one, torch.nn.Conv2d)]
    assert len(weights) > 20 and all(one.is_contiguous(memory_format=torch.channels_last) for one in weights)
