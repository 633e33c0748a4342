"""Mixed precision on machines with and without a GPU."""

import logging

import pytest
import torch
from mmengine.logging import MMLogger
from torch import nn

from mdetools.engine.optim.amp import AmpOptimWrapper
from mdetools.errors import UserError

pytestmark = pytest.mark.skipif(
    torch.cuda.is_available(), reason="what is tested is the way of a machine without a GPU"
)


def step(wrapper, model, image, target):
    """One training step as the model's `train_step` does it; returns the type that the layer computed in."""
    computed = []
    handle = model[0].register_forward_hook(lambda module, inputs, output: computed.append(output.dtype))
    with wrapper.optim_context(model):
        prediction = model(image)
    wrapper.update_params((prediction.float() - target).square().mean())
    handle.remove()
    return computed[0]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))


def test_layers_compute_in_bf16_and_weights_stay_float32(model):
    wrapper = AmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), dtype="bf16")
    image, target = torch.randn(8, 64), torch.randn(8, 1)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    assert step(wrapper, model, image, target) is torch.bfloat16
    assert model(image).dtype is torch.float32  # outside of the context

    reference = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    with torch.no_grad():
        for parameter, value in zip(reference.parameters(), before, strict=True):
            parameter.copy_(value)
    (reference(image) - target).square().mean().backward()
    for parameter, start, exact in zip(model.parameters(), before, reference.parameters(), strict=True):
        assert parameter.dtype is torch.float32
        change, expected = parameter - start, -0.1 * exact.grad
        assert 0 < (change - expected).abs().max() < 0.02 * expected.abs().max()


def test_fp16_becomes_bf16_with_one_warning(model):
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = MMLogger.get_instance("amp", logger_name="amp")
    logger.addHandler(handler)
    wrapper = AmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), dtype="fp16")
    logger.removeHandler(handler)
    assert [record.getMessage() for record in records] == ["no GPU: training in bf16 in place of fp16"]
    assert records[0].levelno == logging.WARNING
    assert step(wrapper, model, torch.randn(2, 64), torch.zeros(2, 1)) is torch.bfloat16
    assert not wrapper.scaler.is_enabled()


def test_gradients_are_clipped_and_added_up(model):
    """Two halves of a batch with accumulation give the step of the whole, cut to the norm."""
    image, target = torch.randn(8, 64), 100 * torch.ones(8, 1)
    start = [parameter.detach().clone() for parameter in model.parameters()]
    wrapper = AmpOptimWrapper(
        torch.optim.SGD(model.parameters(), lr=1.0), accumulative_counts=2, clip_grad={"max_norm": 0.5}
    )
    wrapper.initialize_count_status(model, 0, 4)
    step(wrapper, model, image[:4], target[:4])
    assert all(torch.equal(*pair) for pair in zip(model.parameters(), start, strict=True))
    step(wrapper, model, image[4:], target[4:])
    moved = torch.cat(
        [(parameter - value).flatten() for parameter, value in zip(model.parameters(), start, strict=True)]
    )
    assert moved.norm().item() == pytest.approx(0.5, rel=1e-3)


def test_state_goes_round_and_may_lack_the_scaler(model):
    def wrapper():
        return AmpOptimWrapper(torch.optim.AdamW(model.parameters(), lr=0.1))

    first = wrapper()
    step(first, model, torch.randn(4, 64), torch.zeros(4, 1))
    state = first.state_dict()
    assert "scaler" in state
    second = wrapper()
    second.load_state_dict(state)
    moments = first.optimizer.state_dict()["state"]
    for index, moment in second.optimizer.state_dict()["state"].items():
        assert torch.equal(moment["exp_avg"], moments[index]["exp_avg"])
    third = wrapper()
    third.load_state_dict({key: value for key, value in first.state_dict().items() if key != "scaler"})
    assert third.optimizer.state_dict()["state"].keys() == moments.keys()


def test_scaled_gradients_are_clipped_at_their_true_size(model):
    """With the scaler of fp16, which torch has for CPUs too: an overflow is passed over and halves the scale."""
    image, target = torch.randn(8, 64), 100 * torch.ones(8, 1)
    start = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    wrapper = AmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=1.0), clip_grad={"max_norm": 0.5})
    wrapper.scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    step(wrapper, model, image, target)
    moved = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    assert (moved - start).norm().item() == pytest.approx(0.5, rel=1e-3)
    step(wrapper, model, image, torch.full((8, 1), float("inf")))
    assert torch.equal(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]), moved)
    other = AmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=1.0))
    other.scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    other.load_state_dict(wrapper.state_dict())
    assert other.scaler.get_scale() == wrapper.scaler.get_scale() == 512.0


def test_an_unknown_type_is_named(model):
    with pytest.raises(UserError, match="AmpOptimWrapper has no dtype 'fp8'; expected one of: fp16, bf16"):
        AmpOptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), dtype="fp8")


def test_amp_option_trains_in_bf16(tiny_nyu, tmp_path):
    """`--amp bf16` to the end of a run."""
    from support.tiny_training import in_child

    assert in_child(tmp_path / "log", train_with_amp, tiny_nyu, tmp_path, "bf16") == 0, (tmp_path / "log").read_text()
    assert (tmp_path / "types").read_text() == "bf16 torch.bfloat16"
    assert in_child(tmp_path / "log", train_with_amp, tiny_nyu, tmp_path, "off") == 0
    assert (tmp_path / "types").read_text() == "none torch.float32"


def train_with_amp(config, folder, amp):
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.runner import Runner
    from mdetools.engine.training import apply_train_options

    cfg = load_config(str(config), {"train_cfg.max_epochs": 1, "visualizer.vis_backends": []})
    apply_train_options(cfg, str(folder), amp=amp)
    runner = Runner.from_cfg(cfg)
    types = []
    project = runner.bare_model.head.projects[0]
    project.register_forward_hook(
        lambda module, inputs, output: types.append(str(output.dtype)) if output.requires_grad else None
    )
    runner.train()
    assert len(set(types)) == 1
    (folder / "types").write_text(f"{runner.cfg.optim_wrapper.get('dtype', 'none')} {types[0]}")
