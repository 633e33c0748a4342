"""What a Runner makes of the lists and dicts of a config, and what it calls its parts."""

import json
import os

import pytest
import torch
from support.tiny_training import in_child, train

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.configs.loading import load_config
from mdetools.engine.runner import Runner
from mdetools.engine.training import apply_train_options
from mdetools.weights.files import read_checkpoint

QUIET = {"visualizer.vis_backends": [], "default_hooks.pictures": None}
COSINE = {"type": "WarmupCosineLR", "warmup": 0.5, "convert_to_iter_based": True}
DECAY = {"type": "InversePowerLR", "alpha": 0.1}


def write_names(config, folder, options):
    """Builds a Runner and writes its hooks, by name and in the order in which they act."""
    cfg = load_config(str(config), options)
    if "default_hooks" in options:
        cfg.default_hooks = options["default_hooks"]
    apply_train_options(cfg, str(folder))
    runner = Runner.from_cfg(cfg)
    named = {path: type(hook).__name__ for path, hook in runner.named_hooks.items()}
    assert sorted(map(id, runner.hooks)) == sorted(map(id, runner.named_hooks.values()))
    (folder / "names").write_text(json.dumps([named, runner.get_hooks_info().split(", ")]))


def names_of(config, folder, options):
    assert in_child(folder / "log", write_names, config, folder, options) == 0, (folder / "log").read_text()
    return json.loads((folder / "names").read_text())


def test_hooks_have_the_names_of_the_config(tiny_nyu, tmp_path):
    options = QUIET | {
        "default_hooks.progress": None,
        "default_hooks.timer": None,
        "default_hooks.early": {"type": "ChannelsLastHook", "priority": "HIGHEST"},
        "custom_hooks": [None, {"type": "CompileHook", "priority": "VERY_LOW"}],
    }
    named, order = names_of(tiny_nyu, tmp_path, options)
    assert named == {
        "default_hooks.runtime_info": "RuntimeInfoHook",
        "default_hooks.logger": "LoggerHook",
        "default_hooks.param_scheduler": "ParamSchedulerHook",
        "default_hooks.checkpoint": "CheckpointHook",
        "default_hooks.stats": "TrainingStatsHook",
        "default_hooks.nonfinite": "NonFiniteHook",
        "default_hooks.early": "ChannelsLastHook",
        "custom_hooks.1": "CompileHook",
    }
    assert order == [
        "ChannelsLastHook",
        "RuntimeInfoHook",
        "NonFiniteHook",
        "TrainingStatsHook",
        "LoggerHook",
        "ParamSchedulerHook",
        "CheckpointHook",
        "CompileHook",
    ]


def test_a_config_without_default_hooks_gets_those_of_mmengine(tiny_nyu, tmp_path):
    options = QUIET | {"default_hooks": None, "custom_hooks": {"compile": {"type": "CompileHook"}, "off": None}}
    named, order = names_of(tiny_nyu, tmp_path, options)
    assert list(named) == [
        *(f"default_hooks.{name}" for name in ("runtime_info", "timer", "sampler_seed", "logger", "param_scheduler")),
        "default_hooks.checkpoint",
        "custom_hooks.compile",
    ]
    assert len(order) == len(named)


@pytest.mark.parametrize(
    "schedulers, names",
    [
        ({"lr": COSINE, "off": None, "decay": DECAY}, ["param_scheduler.lr", "param_scheduler.decay"]),
        ([COSINE, DECAY], ["param_scheduler.0", "param_scheduler.1"]),
        (COSINE, ["param_scheduler"]),
        ({"lr": None}, []),
    ],
)
def test_schedulers_in_a_dict_a_list_or_alone_resume(tiny_nyu, tmp_path, schedulers, names):
    path = tmp_path / "config.py"
    path.write_text(f"_base_ = [{str(tiny_nyu)!r}]\nparam_scheduler = {schedulers!r}\n")
    text = path.read_text()
    if isinstance(schedulers, dict):
        path.write_text(text.replace("param_scheduler = {", "param_scheduler = {'_delete_': True, "))
    log = tmp_path / "log"
    assert in_child(log, train, path, tmp_path / "whole", QUIET) == 0, log.read_text()
    whole = read_checkpoint(tmp_path / "whole" / "epoch_2.pth")
    assert [name for name in whole["parts"] if name.startswith("param_scheduler")] == names
    kill = QUIET | {"custom_hooks": [{"type": "KillHook", "moment": "step", "iteration": 4}]}
    assert in_child(log, train, path, tmp_path / "killed", kill) == -9
    assert last_checkpoint(tmp_path / "killed").name == "iter_4.pth"
    assert in_child(log, train, path, tmp_path / "killed", QUIET, "auto") == 0, log.read_text()
    resumed = read_checkpoint(tmp_path / "killed" / "epoch_2.pth")
    assert list(resumed["parts"]) == list(whole["parts"])
    assert all(torch.equal(resumed["state_dict"][key], value) for key, value in whole["state_dict"].items())
    states = [checkpoint["parts"]["optim_wrapper"]["param_groups"] for checkpoint in (whole, resumed)]
    assert states[0] == states[1]


def write_setting(config, folder, options):
    cfg = load_config(str(config), QUIET | options)
    apply_train_options(cfg, str(folder))
    os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)
    Runner.from_cfg(cfg)
    found = os.environ.get("CUBLAS_WORKSPACE_CONFIG"), torch.are_deterministic_algorithms_enabled()
    (folder / "setting").write_text(json.dumps([*found, torch.backends.cudnn.benchmark]))


@pytest.mark.parametrize("deterministic", [True, False])
def test_deterministic_runs_set_up_cublas(tiny_nyu, tmp_path, deterministic):
    """torch refuses matrix products on a GPU without it; `env_cfg.cudnn_benchmark=True` gives way too."""
    options = {"randomness.deterministic": deterministic}
    assert in_child(tmp_path / "log", write_setting, tiny_nyu, tmp_path, options) == 0, (tmp_path / "log").read_text()
    found = json.loads((tmp_path / "setting").read_text())
    assert found == ([":4096:8", True, False] if deterministic else [None, False, True])
