"""Compilation and memory layout leave names and numbers as they are."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mdetools.engine.hooks import ChannelsLastHook, CompileHook


@pytest.fixture
def runner():
    torch.manual_seed(0)
    model = nn.Module()
    model.backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    model.head = nn.Conv2d(4, 1, 1)
    return SimpleNamespace(distributed=False, bare_model=model)


def test_backbone_alone_is_compiled_in_place(runner, monkeypatch):
    calls = []
    monkeypatch.setattr(torch, "compile", lambda function, **options: calls.append(options) or function)
    names = list(runner.bare_model.state_dict())
    image = torch.randn(1, 3, 8, 8)
    before = runner.bare_model.backbone(image)
    CompileHook(mode="max-autotune", dynamic=True).before_train(runner)
    assert calls == [{"mode": "max-autotune", "dynamic": True}]
    assert list(runner.bare_model.state_dict()) == names
    assert runner.bare_model.backbone._compiled_call_impl is not None
    assert runner.bare_model.head._compiled_call_impl is None
    assert torch.equal(runner.bare_model.backbone(image), before)


def test_channels_last(runner):
    image = torch.randn(2, 3, 8, 8)
    before = runner.bare_model.backbone(image)
    ChannelsLastHook().before_run(runner)
    weight = runner.bare_model.backbone[0].weight
    assert weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()
    assert torch.allclose(runner.bare_model.backbone(image), before, atol=1e-6)
