"""Steps whose losses or gradients are not finite are left out, whatever the wrapper; all others are MMEngine's."""

import math

import pytest
import torch
from mmengine.optim import OptimWrapper as MMEngineOptimWrapper
from support.faulty_loss import FAULTS
from torch import nn

from mdetools.engine.optim import AmpOptimWrapper, OptimWrapper, StepGuard

CLIPPING = [None, {"max_norm": 0.5}, {"max_norm": 0.5, "norm_type": math.inf}, {"type": "value", "clip_value": 0.01}]


def make_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1))


def make_wrapper(model, kind=OptimWrapper, guarded=True, **options):
    if options.get("clip_grad"):
        options["clip_grad"] = dict(options["clip_grad"])  # MMEngine takes the type out of it
    wrapper = kind(torch.optim.AdamW(model.parameters(), lr=0.1), **options)
    wrapper.initialize_count_status(model, 0, 100)
    if guarded:
        wrapper.guard = StepGuard()
    return wrapper


def run_step(wrapper, model, number, fault=None):
    image = torch.randn(16, 8, generator=torch.Generator().manual_seed(number))
    with wrapper.optim_context(model):
        loss = (model(image).float() - number).square().mean()
    wrapper.update_params(loss if fault is None else FAULTS[fault](loss))


def state_of(wrapper, model):
    """Copies of weights and of the optimiser's state."""
    moments = [value.clone() for part in wrapper.optimizer.state.values() for value in part.values()]
    return [*(parameter.detach().clone() for parameter in model.parameters()), *moments]


def same(left, right):
    return len(left) == len(right) and all(torch.equal(*pair) for pair in zip(left, right, strict=True))


@pytest.mark.parametrize("clip_grad", CLIPPING)
@pytest.mark.parametrize("counts", [1, 2])
def test_without_faults_every_bit_is_mmengines(clip_grad, counts):
    states = []
    for kind in (MMEngineOptimWrapper, OptimWrapper):
        model = make_model()
        wrapper = make_wrapper(
            model, kind, guarded=kind is OptimWrapper, clip_grad=clip_grad, accumulative_counts=counts
        )
        for number in range(6):
            run_step(wrapper, model, number)
        states.append(state_of(wrapper, model))
    assert same(*states)


@pytest.mark.parametrize("clip_grad", CLIPPING)
@pytest.mark.parametrize("kind", [OptimWrapper, AmpOptimWrapper])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_step_that_is_not_finite_changes_nothing_and_the_next_is_taken(fault, kind, clip_grad):
    model = make_model()
    wrapper = make_wrapper(model, kind, clip_grad=clip_grad)
    run_step(wrapper, model, 1)
    assert not wrapper.skipped
    before = state_of(wrapper, model)
    run_step(wrapper, model, 2, fault)
    assert wrapper.skipped and same(before, state_of(wrapper, model))
    assert all(parameter.grad is None for parameter in model.parameters())
    run_step(wrapper, model, 3)
    assert not wrapper.skipped and not same(before, state_of(wrapper, model))

    reference = make_model()
    wrapper = make_wrapper(reference, kind, clip_grad=clip_grad)
    for number in (1, 3):
        run_step(wrapper, reference, number)
    assert same(list(model.parameters()), list(reference.parameters()))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [2, 3])
def test_an_accumulated_step_is_skipped_as_a_whole(fault, at):
    """Whichever of its two iterations is at fault; those before and after count in full."""
    ends = []
    for numbers in (range(6), (0, 1, 4, 5)):
        model = make_model()
        wrapper = make_wrapper(model, accumulative_counts=2)
        skipped = []
        for number in numbers:
            run_step(wrapper, model, number, fault if number == at else None)
            skipped.append(wrapper.skipped)
        ends.append(state_of(wrapper, model))
        assert skipped == [number == 3 for number in numbers]
    assert same(*ends)


def test_the_culprit_is_the_first_parameter_whose_gradient_is_not_finite():
    model = make_model()
    wrapper = make_wrapper(model, clip_grad={"max_norm": 1.0})
    model[2].weight.register_hook(lambda gradient: gradient * torch.inf)
    run_step(wrapper, model, 1)
    assert wrapper.skipped and wrapper.guard.culprit is model[2].weight


def test_a_norm_beyond_float32_is_not_finite_either():
    """The gradients are; clipping would make 0 of them, and Adam's squares would be infinite."""
    model = make_model()
    wrapper = make_wrapper(model)
    model[2].bias.register_hook(lambda gradient: gradient * 0 + 1e30)
    run_step(wrapper, model, 1)
    assert wrapper.skipped and wrapper.guard.culprit is None


def test_without_a_guard_the_step_is_taken_as_it_is():
    model = make_model()
    wrapper = make_wrapper(model, guarded=False)
    run_step(wrapper, model, 1, "nan")
    assert not wrapper.skipped and model[0].weight.isnan().all()


def scaled(model, scale):
    """A wrapper with the scaler of fp16, which torch has for CPUs too."""
    wrapper = make_wrapper(model, AmpOptimWrapper, clip_grad={"max_norm": 0.5})
    wrapper.scaler = torch.amp.GradScaler("cpu", init_scale=scale)
    return wrapper


def test_an_overflow_by_the_scale_is_the_scalers_affair():
    model = make_model()
    wrapper = scaled(model, 2.0**127)
    before = state_of(wrapper, model)
    run_step(wrapper, model, 50)
    assert not wrapper.skipped and same(before, state_of(wrapper, model))
    assert wrapper.scaler.get_scale() == 2.0**126


@pytest.mark.parametrize("fault", ["nan", "inf", "masked"])
def test_a_loss_that_is_not_finite_is_no_overflow_and_leaves_the_scale(fault):
    model = make_model()
    wrapper = scaled(model, 1024.0)
    before = state_of(wrapper, model)
    run_step(wrapper, model, 1, fault)
    assert wrapper.skipped and same(before, state_of(wrapper, model)) and wrapper.scaler.get_scale() == 1024
    run_step(wrapper, model, 2)
    assert not wrapper.skipped and not same(before, state_of(wrapper, model))


def test_gradients_that_are_never_finite_are_skipped_once_the_scale_is_below_one():
    model = make_model()
    wrapper = scaled(model, 4.0)
    skipped = []
    for number in range(5):
        run_step(wrapper, model, number, "gradient")
        skipped.append(wrapper.skipped)
    assert skipped == [False, False, False, True, True] and wrapper.scaler.get_scale() == 0.5
