"""Checkpoints whose structure was changed are refused in one line, or harmless."""

import copy
import logging
import math
import random
from collections import Counter

import pytest
import torch
from support.tiny_training import in_child, train
from support.user_errors import user_error

from mdetools.engine.checkpoints.contents import check_contents
from mdetools.engine.checkpoints.optimisation import check_like
from mdetools.engine.configs.loading import load_config
from mdetools.engine.loops import EpochTrainLoop
from mdetools.engine.runner import Runner
from mdetools.engine.training import apply_train_options
from mdetools.errors import UserError
from mdetools.weights.files import read_checkpoint

OPTIONS = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "default_hooks.ema": {"type": "EMAHook"}}
GONE = object()
VALUES = [GONE, None, 3, 0, -1, 2**70, 10**400, 1.5, math.nan, "text", b"x", [], {}, [1, 2], {"a": 1}, {1: 2}, (1,)]
VALUES += [True, torch.zeros(3), torch.tensor(math.nan), 1 + 2j]


def changed(rng, value):
    """Something else in place of a value; of tensors and texts often something like it."""
    values = list(VALUES)
    if isinstance(value, torch.Tensor):
        values += 4 * [value.reshape(-1)[:0], value[None], value.to(torch.int8), value.to("meta"), value.to_sparse()]
    if isinstance(value, dict):
        values += 4 * [{**value, "extra": 1}, {**value, 7: {}}]
    if isinstance(value, list):
        values += 4 * [[*value, 1], value[:-1]]
    if isinstance(value, str):
        values += 4 * [value[: len(value) // 2], "(" * 5000]
    return rng.choice(values)


def mutated(rng, node):
    """A copy of nested dicts and lists with one entry changed, at a random depth."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list | tuple) else ()
    if not keys or rng.random() < 0.1:
        return changed(rng, node)
    key = rng.choice(list(keys))
    new, entry = (dict(node) if isinstance(node, dict) else list(node)), mutated(rng, node[key])
    if entry is GONE:
        del new[key]
    else:
        new[key] = entry
    return type(node)(new)


def go_on(runner, checkpoint):
    """Resumes and makes a step, in which a wrong state of an optimiser would show."""
    runner._resume_at("changed.pth", checkpoint)
    for parameter in runner.model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    runner.optim_wrapper.optimizer.step()
    for scheduler in runner.named_schedulers.values():
        scheduler.step()


def try_all(config, folder, count):
    """Lets one run go on from many changed checkpoints."""
    train(config, folder / "run", OPTIONS | {"train_cfg.max_epochs": 1})
    whole = read_checkpoint(folder / "run" / "epoch_1.pth")
    EpochTrainLoop.run = lambda self: None
    cfg = load_config(str(config), OPTIONS | {"train_cfg.max_epochs": 1})
    apply_train_options(cfg, str(folder / "other"))
    runner = Runner.from_cfg(cfg)
    runner.train()
    logging.disable(logging.CRITICAL)
    rng, seen = random.Random(0), Counter()
    go_on(runner, copy.deepcopy(whole))
    for _ in range(count):
        checkpoint = mutated(rng, whole)
        if not isinstance(checkpoint, dict):
            continue
        try:
            go_on(runner, copy.deepcopy(checkpoint))
        except UserError as error:
            assert "\n" not in str(error) and len(str(error)) < 1000
            seen["refused"] += 1
        else:
            seen["taken"] += 1
    assert seen["refused"] > seen["taken"] > 0


def test_no_change_of_a_checkpoint_s_structure_gives_a_traceback(tiny_nyu, tmp_path):
    assert in_child(tmp_path / "log", try_all, tiny_nyu, tmp_path, 80) == 0, (tmp_path / "log").read_text()


META = {"cfg": "", "seed": 1, "iter": 3, "iters_per_epoch": 3, "world_size": 1}
WHOLE = {"meta": META, "parts": {}, "state_dict": {"weight": torch.zeros(2)}}
EMA = {"steps": torch.tensor(1), "module.weight": torch.zeros(2)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *(({"meta": META | {"iter": value}}, f"meta.iter is {value}") for value in (2**70, -1, 3.0, True, None)),
        *(({"meta": META | {name: -1}}, f"meta.{name} is -1") for name in ("seed", "iters_per_epoch", "world_size")),
        ({"meta": META | {"iters_per_epoch": 0}}, "meta.iters_per_epoch is 0, expected a whole number from 1 on"),
        ({"meta": META | {"cfg": None}}, "no meta.cfg"),
        ({"meta": [META]}, "no meta.cfg"),
        ({"parts": {"optim_wrapper": None}}, "its parts are no dict of dicts"),
        ({"parts": {3: {}}}, "its parts are no dict of dicts"),
        ({"state_dict": {"weight": [0.0]}}, "its state_dict is no dict of plain tensors"),
        ({"state_dict": {"weight": torch.zeros(2, device="meta")}}, "its state_dict is no dict of plain tensors"),
        ({"ema_state_dict": None}, "its ema_state_dict is no dict of plain tensors"),
        ({"ema_state_dict": EMA | {"module.weight": torch.zeros(3)}}, "are of two models"),
        ({"ema_state_dict": EMA | {"module.more": torch.zeros(2)}}, "are of two models"),
        ({"ema_state_dict": {"module.weight": torch.zeros(2)}}, "are of two models"),
    ],
)
def test_what_a_checkpoint_must_hold(change, words):
    check_contents(WHOLE, "a.pth")
    check_contents(WHOLE | {"ema_state_dict": EMA}, "a.pth")
    line = user_error(lambda: check_contents(WHOLE | change, "a.pth"), words)
    assert line.startswith("'a.pth' cannot be resumed: ") and line.endswith("take another checkpoint")


OWN = {"lr": 0.1, "step": torch.tensor(2.0), "betas": (0.9, 0.99), "fused": True, "name": "encoder", "foreach": None}


@pytest.mark.parametrize(
    "change",
    [
        *({"lr": value} for value in (math.nan, math.inf, "0.1", None, True, 10**400)),
        *({"step": value} for value in (torch.zeros(3), torch.tensor(2), torch.tensor(math.nan), 2.0)),
        *({"betas": value} for value in ((0.9,), 0.9, (0.9, None), None)),
        {"fused": None},
        {"name": "decoder"},
        {"foreach": 3},
        {"more": 1},
    ],
)
def test_a_state_is_like_the_run_s_own(change):
    check_like(OWN, OWN | {"lr": 3, "betas": [0.5, 0.6], "fused": False, "step": torch.tensor(7.0)}, "group")
    with pytest.raises(ValueError, match="group"):
        check_like(OWN, OWN | change, "group")
