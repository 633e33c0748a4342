"""The learning rates of the two schedule bases, iteration by iteration."""

import math

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from support.paths import ROOT
from transformers import get_cosine_schedule_with_warmup

from mdetools.engine.optim.schedules import inverse_power_factor
from mdetools.registry import PARAM_SCHEDULERS

LR = [5e-6, 5e-5]


def optimizer():
    return torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in LR])


def scheduler_of(name, epochs, epoch_length):
    """The scheduler of a schedule base with its optimiser's wrapper, as the Runner builds it."""
    cfg = dict(Config.fromfile(ROOT / "configs" / "_base_" / "schedules" / f"{name}.py").param_scheduler.lr)
    wrapper = OptimWrapper(optimizer())
    return wrapper, PARAM_SCHEDULERS.build(
        {**cfg, "end": epochs}, default_args={"optimizer": wrapper, "epoch_length": epoch_length}
    )


def rates_of(name, epochs, epoch_length):
    """Learning rates of both groups at each iteration."""
    wrapper, scheduler = scheduler_of(name, epochs, epoch_length)
    rates = []
    for _ in range(epochs * epoch_length):
        rates.append([group["lr"] for group in wrapper.optimizer.param_groups])
        wrapper.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("epochs, epoch_length", [(10, 40), (3, 7), (2, 3), (2, 2), (4, 1)])
def test_cosine_is_that_of_transformers_after_the_warm_up(epochs, epoch_length):
    """Half an epoch of warm-up, from a thousandth in place of 0; epochs of 3, 2 and 1 have a ramp of 1, 1 and 0."""
    warmup, total = epoch_length // 2, epochs * epoch_length
    rates = rates_of("cosine", epochs, epoch_length)
    peer = optimizer()
    peer_scheduler = get_cosine_schedule_with_warmup(peer, warmup, total)
    for iteration, found in enumerate(rates):
        if iteration < warmup:
            expected = [lr * (1e-3 + 0.999 * iteration / warmup) for lr in LR]
        else:
            expected = [group["lr"] for group in peer.param_groups]
        assert found == pytest.approx(expected, rel=1e-6), iteration
        peer.step()
        peer_scheduler.step()
    assert max(rates) == pytest.approx(LR)


@pytest.mark.parametrize("epochs, epoch_length", [(10, 40), (2, 3), (1, 1)])
def test_polynomial(epochs, epoch_length):
    total = epochs * epoch_length
    for iteration, found in enumerate(rates_of("poly", epochs, epoch_length)):
        assert found == pytest.approx([lr * (1 - iteration / total) ** 0.9 for lr in LR], rel=1e-9)


def test_steps_may_be_epochs():
    wrapper = OptimWrapper(optimizer())
    scheduler = PARAM_SCHEDULERS.build({"type": "WarmupCosineLR", "optimizer": wrapper, "end": 6, "warmup": 2})
    assert scheduler.by_epoch
    wrapper.step()
    for _ in range(4):
        scheduler.step()
    assert wrapper.optimizer.param_groups[0]["lr"] == pytest.approx(LR[0] * 0.5 * (1 + math.cos(math.pi / 2)))


@pytest.mark.parametrize("name", ["cosine", "poly"])
def test_a_loaded_state_goes_on_where_it_was(name):
    whole = rates_of(name, 2, 4)
    first_wrapper, first = scheduler_of(name, 2, 4)
    for _ in range(3):
        first_wrapper.step()
        first.step()
    second_wrapper, second = scheduler_of(name, 2, 4)
    second.load_state_dict(first.state_dict())
    rates = []
    for _ in range(4):
        second_wrapper.step()
        second.step()
        rates.append([group["lr"] for group in second_wrapper.optimizer.param_groups])
    assert rates == whole[4:]


def test_inverse_power_falls_once_an_epoch():
    """The n-th epoch, counted from 1, trains at lr / (1 + 5e-4 n) ** (n - 1)."""
    wrapper, scheduler = scheduler_of("garg", 100, 12)
    assert scheduler.by_epoch
    for n in range(1, 101):
        found = [group["lr"] for group in wrapper.optimizer.param_groups]
        assert found == pytest.approx([lr * (1 / (1 + 5e-4 * n)) ** (n - 1) for lr in LR], rel=1e-12)
        wrapper.step()
        scheduler.step()
    assert inverse_power_factor(0, 5e-4) == 1
    assert inverse_power_factor(99, 5e-4) == pytest.approx(1.05**-99)
