"""A coarse-to-fine head learns stage by stage."""

import logging
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mdetools.engine.hooks import CoarseToFineHook
from mdetools.engine.hooks.coarse_to_fine_hook import stage_at
from mdetools.errors import UserError


class StagedHead(nn.Module):
    """Stages of a layer each."""

    def __init__(self, stages=3):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(1, 1) for _ in range(stages))
        self.stage = stages

    def enter_stage(self, stage):
        self.stage = stage
        for number, layer in enumerate(self.layers, 1):
            layer.requires_grad_(number <= stage)


def runner_of(head, epoch=0, max_epochs=10, epoch_length=4):
    model = nn.Module()
    model.head = head
    return SimpleNamespace(
        bare_model=model,
        epoch=epoch,
        iter=epoch * epoch_length,
        max_epochs=max_epochs,
        train_dataloader=range(epoch_length),
        distributed=False,
        logger=logging.getLogger(),
    )


def trainable(head):
    return [all(parameter.requires_grad for parameter in layer.parameters()) for layer in head.layers]


def test_stages_begin_at_their_part_of_the_run():
    begin = (0.0, 0.3, 0.5)
    assert [stage_at(epoch / 10, begin) for epoch in range(10)] == [1, 1, 1, 2, 2, 3, 3, 3, 3, 3]


def test_epochs_enter_their_stages():
    runner = runner_of(StagedHead())
    hook = CoarseToFineHook(begin=(0.0, 0.3, 0.5))
    hook.before_train(runner)
    found = []
    for epoch in range(10):
        runner.epoch = epoch
        hook.before_train_epoch(runner)
        found.append((runner.bare_model.head.stage, trainable(runner.bare_model.head)))
    first, second, third = (1, [True, False, False]), (2, [True, True, False]), (3, [True, True, True])
    assert found == [first] * 3 + [second] * 2 + [third] * 5


def test_fewer_stages_than_the_head_has_leave_the_rest_untrained():
    runner = runner_of(StagedHead())
    hook = CoarseToFineHook(begin=(0.0,))
    hook.before_train(runner)
    assert runner.bare_model.head.stage == 1 and trainable(runner.bare_model.head) == [True, False, False]


def test_a_run_resumed_between_epochs_first_validates_the_stage_that_ended():
    runner = runner_of(StagedHead(), epoch=3)
    hook = CoarseToFineHook(begin=(0.0, 0.3, 0.5))
    hook.before_train(runner)
    assert runner.bare_model.head.stage == 1
    hook.before_train_epoch(runner)
    assert runner.bare_model.head.stage == 2


def test_layers_of_later_stages_stay_as_they_were_made():
    """Not even weight decay and momentum touch them."""
    torch.manual_seed(0)
    head = StagedHead()
    runner = runner_of(head)
    before = [layer.weight.item() for layer in head.layers]
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9, weight_decay=0.5)
    hook = CoarseToFineHook(begin=(0.0, 0.5))
    hook.before_train(runner)
    hook.before_train_epoch(runner)
    x = torch.ones(1, 1)
    for layer in head.layers[: head.stage]:
        x = layer(x)
    x.sum().backward()
    optimizer.step()
    after = [layer.weight.item() for layer in head.layers]
    assert after[0] != before[0] and after[1:] == before[1:]


@pytest.mark.parametrize("begin", [(), (0.1, 0.5), (0.0, 0.5, 0.5), (0.0, 1.0)])
def test_beginnings_must_rise_from_zero(begin):
    with pytest.raises(UserError, match="rising numbers from 0 to below 1"):
        CoarseToFineHook(begin=begin)


def test_a_run_too_short_for_its_stages_says_which_it_skips(caplog):
    """3 epochs start at 0, 1/3 and 2/3: in stages 1, 2 and 4."""
    CoarseToFineHook(begin=(0.0, 0.2, 0.4, 0.6)).before_train(runner_of(StagedHead(4), max_epochs=3))
    assert "3 epochs are too few to enter stage [3] of their own" in caplog.text
    caplog.clear()
    CoarseToFineHook(begin=(0.0, 0.2, 0.4, 0.6)).before_train(runner_of(StagedHead(4), max_epochs=5))
    assert "too few" not in caplog.text


def test_a_head_without_stages_is_named():
    with pytest.raises(UserError, match="Linear; set default_hooks.stages=None"):
        CoarseToFineHook().before_train(runner_of(nn.Linear(1, 1)))


def test_more_stages_than_the_head_has():
    with pytest.raises(UserError, match="begin has 5 stages, and the model's head 3"):
        CoarseToFineHook().before_train(runner_of(StagedHead()))
