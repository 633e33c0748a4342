"""The model's forward pass and its training step, in each precision."""

import copy

import pytest
import torch
from mmengine.optim import OptimWrapper
from support.devices import device_types
from support.models import loader_batch, small_estimator

from mdetools.engine.optim.amp import AmpOptimWrapper

pytestmark = pytest.mark.gpu

SILOG = dict(silog=dict(type="SiLogLoss"))
RATE = 1e4  # so that steps are not lost in the rounding of the weights


@pytest.fixture(scope="module")
def own():
    """The model on the CPU, in float32."""
    return small_estimator(losses=SILOG)


def double_of(model):
    return copy.deepcopy(model).double()


def relative_error(found, expected):
    return ((found.detach().double().cpu() - expected).norm() / expected.norm()).item()


def test_the_prediction_is_that_of_float64_on_the_cpu(own, device):
    model = copy.deepcopy(own).to(device).eval()
    data = model.data_preprocessor(loader_batch())
    with torch.no_grad():
        found = model(data["image"], mode="tensor")
        expected = double_of(own).eval()(data["image"].double().cpu(), mode="tensor")
    assert device_types(found) == {device.type}
    for one, other in zip(
        [found["depth"], *found["features"]], [expected["depth"], *expected["features"]], strict=True
    ):
        assert other.std() > 1e-3 and relative_error(one, other) < 1e-5


@pytest.mark.parametrize("flip_test", [None, "mean", "stereo"])
def test_results_stay_on_the_device_at_the_size_of_the_ground_truth(own, device, flip_test):
    model = copy.deepcopy(own).to(device).eval()
    model.flip_test = flip_test
    with torch.no_grad():
        results = model.test_step(loader_batch())
    assert device_types(results) == {device.type}
    assert [result["depth"].shape for result in results] == [(1, 28, 42)] * 2


def step(model, wrapper):
    """What one training step logged, and the change of each parameter."""
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    logged = model.train_step(loader_batch(), wrapper)
    return logged, {name: parameter.detach() - before[name] for name, parameter in model.named_parameters()}


@pytest.fixture(scope="module")
def exact(own):
    """Loss and step of float64 on the CPU, without momentum."""
    model = double_of(own)
    data = model.data_preprocessor(loader_batch())
    loss = model(data["image"].double(), data["targets"], mode="loss")["loss_silog"]
    loss.backward()
    return loss.item(), {name: -RATE * parameter.grad for name, parameter in model.named_parameters()}


def test_a_step_in_float32(own, device, exact):
    model = copy.deepcopy(own).to(device)
    logged, changes = step(model, OptimWrapper(torch.optim.SGD(model.parameters(), lr=RATE)))
    assert device_types(logged) == device_types(changes) == {device.type}
    loss, expected = exact
    assert logged["loss"].item() == logged["loss_silog"].item() == pytest.approx(loss, rel=1e-5)
    for name, change in changes.items():
        assert relative_error(change, expected[name]) < 1e-3, (name, relative_error(change, expected[name]))


@pytest.mark.parametrize("dtype", ["bf16", "fp16"])
def test_a_step_under_autocast(own, device, exact, dtype):
    """Weights stay float32; the loss and the whole step are those of float64 up to what the type rounds."""
    if dtype == "fp16" and device.type == "cpu":
        pytest.skip("fp16 and its scaler need a GPU; on the CPU it becomes bf16, which tests of AmpOptimWrapper hold")
    model = copy.deepcopy(own).to(device)
    computed = []
    model.head.projects[0].register_forward_hook(lambda module, inputs, output: computed.append(output.dtype))
    wrapper = AmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=RATE), dtype=dtype)
    wrapper.initialize_count_status(model, 0, 1)
    logged, changes = step(model, wrapper)
    assert computed == [{"bf16": torch.bfloat16, "fp16": torch.float16}[dtype]]
    assert device_types(logged) == device_types(changes) == {device.type}
    assert wrapper.scaler.is_enabled() == (dtype == "fp16")
    loss, expected = exact
    assert logged["loss"].dtype == torch.float32 and logged["loss"].item() == pytest.approx(loss, rel=2e-2)
    found = torch.cat([change.flatten() for change in changes.values()])
    assert found.dtype == torch.float32
    assert relative_error(found, torch.cat([change.flatten() for change in expected.values()])) < 0.1


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_attention_by_choice_is_that_of_torchs_kernel(device, precision):
    """An export takes `sdpa`: it must give what was trained with `auto`."""
    data = small_estimator().to(device).data_preprocessor(loader_batch())
    found = []
    for attention in ("auto", "sdpa"):
        model = small_estimator(attention=attention).to(device).eval()
        with torch.no_grad(), torch.autocast(device.type, precision, enabled=precision != torch.float32):
            found.append(model(data["image"], mode="tensor")["depth"])
    auto, sdpa = found
    assert auto.std() > 1e-3
    if device.type == "cpu" and precision == torch.bfloat16:  # auto is another kernel there
        assert relative_error(auto, sdpa.double()) < 2e-3
    else:
        assert torch.equal(auto, sdpa)
