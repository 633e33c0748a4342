"""Every part of a run has its own state in a checkpoint, by its place in the config."""

from types import SimpleNamespace

import pytest
from mmengine.hooks import Hook
from support.tiny_training import in_child, train

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.checkpoints.parts import load_parts, named_entries, states_of
from mdetools.errors import UserError
from mdetools.registry import HOOKS
from mdetools.weights.files import read_checkpoint

QUIET = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "train_cfg.max_epochs": 1}


class Counter:
    """A part with a state."""

    def __init__(self, count=0):
        self.count = count

    def state_dict(self):
        return {"count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]


@HOOKS.register_module()
class CountingHook(Hook):
    """Counts iterations from a number on, over a kill too."""

    def __init__(self, count):
        self.count = count

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.count += 1

    def after_train(self, runner):
        runner.logger.info(f"counted {self.count}")

    state_dict, load_state_dict = Counter.state_dict, Counter.load_state_dict


def runner_with(**parts):
    """The part of a Runner that has parts."""
    lines = []
    return SimpleNamespace(
        optim_wrapper=parts.pop("optim_wrapper", Counter()),
        named_schedulers={},
        named_hooks={f"default_hooks.{name}": part for name, part in parts.items()},
        logger=SimpleNamespace(warning=lines.append, lines=lines),
    )


def test_names_are_places_in_the_config():
    cosine, poly = {"type": "WarmupCosineLR"}, {"type": "PolynomialLR"}
    assert named_entries("param_scheduler", cosine) == {"param_scheduler": cosine}
    assert named_entries("param_scheduler", [cosine, None, poly]) == {
        "param_scheduler.0": cosine,
        "param_scheduler.2": poly,
    }
    assert named_entries("param_scheduler", {"lr": cosine, "off": None}) == {"param_scheduler.lr": cosine}
    assert named_entries("param_scheduler", None) == named_entries("custom_hooks", []) == {}


def test_states_go_back_to_their_parts():
    before = runner_with(optim_wrapper=Counter(7), first=Counter(1), stateless=Hook(), second=Counter(2))
    states = states_of(before)
    assert states == {
        "optim_wrapper": {"count": 7},
        "default_hooks.first": {"count": 1},
        "default_hooks.second": {"count": 2},
    }
    after = runner_with(second=Counter(), first=Counter(), stateless=Hook())
    load_parts(after, states, "a.pth")
    assert states_of(after) == states
    assert after.logger.lines == []


def test_what_only_one_side_has_is_told():
    after = runner_with(kept=Counter(), added=Counter(5))
    load_parts(after, states_of(runner_with(optim_wrapper=Counter(3), kept=Counter(1), gone=Counter())), "a.pth")
    assert [part.count for part in (after.optim_wrapper, *after.named_hooks.values())] == [3, 1, 5]
    assert after.logger.lines == [
        "'a.pth' has no state of default_hooks.added, which starts afresh",
        "'a.pth' has a state of default_hooks.gone, which this run has not: it is left out",
    ]


def test_a_state_of_another_kind_is_one_line():
    with pytest.raises(UserError) as caught:
        load_parts(
            runner_with(hook=Counter()), {"optim_wrapper": {"count": 0}, "default_hooks.hook": {"best": 1}}, "a.pth"
        )
    assert str(caught.value) == (
        "the state of default_hooks.hook in 'a.pth' does not fit this run's ('count'); resume with the same config, "
        "its frozen layers too, or start again from its weights with load_from"
    )


@pytest.mark.parametrize(
    "hooks",
    [
        {"custom_hooks": [{"type": "CountingHook", "count": 0}, {"type": "CountingHook", "count": 100}]},
        {"default_hooks.a": {"type": "CountingHook", "count": 0}, "default_hooks.b.type": "CountingHook"}
        | {"default_hooks.b.count": 100, "default_hooks.b.priority": "LOW"},
    ],
)
def test_two_hooks_of_one_class_keep_apart_over_a_kill(tiny_nyu, tmp_path, hooks):
    kill = {"type": "KillHook", "moment": "step", "iteration": 2}
    options = QUIET | hooks
    killed = options | ({"custom_hooks": [*hooks.get("custom_hooks", []), kill]})
    log = tmp_path / "log"
    assert in_child(log, train, tiny_nyu, tmp_path, killed) == -9
    states = read_checkpoint(last_checkpoint(tmp_path))["parts"]
    counts = {path: state["count"] for path, state in states.items() if "count" in state}
    assert sorted(counts.values()) == [2, 102]
    assert set(counts) in ({"custom_hooks.0", "custom_hooks.1"}, {"default_hooks.a", "default_hooks.b"})
    assert in_child(log, train, tiny_nyu, tmp_path, options, "auto") == 0, log.read_text()
    text = log.read_text()
    assert "counted 3\n" in text and "counted 103\n" in text
