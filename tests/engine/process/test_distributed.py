"""Who started the processes, and how the model is wrapped in them."""

import json
import socket

import pytest
from support.tiny_training import in_child, in_two_processes
from support.user_errors import user_error
from torch import distributed

from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.distributed import choose_launcher, start_process_group
from mdetools.engine.runner import Runner
from mdetools.engine.training import apply_train_options

TORCHRUN = {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2"}


@pytest.fixture
def environment(monkeypatch):
    for name in (*TORCHRUN, "SLURM_PROCID", "SLURM_NTASKS"):
        monkeypatch.delenv(name, raising=False)
    return lambda variables: [monkeypatch.setenv(name, value) for name, value in variables.items()]


@pytest.mark.parametrize(
    ("variables", "given", "expected"),
    [
        ({}, None, "none"),
        (TORCHRUN, None, "pytorch"),
        (TORCHRUN, "pytorch", "pytorch"),
        (TORCHRUN | {"WORLD_SIZE": "1"}, "none", "none"),
        ({"WORLD_SIZE": "2"}, None, "none"),  # a variable that stayed in a shell
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, None, "none"),
        (TORCHRUN | {"SLURM_PROCID": "0"}, "slurm", "slurm"),
    ],
)
def test_torchrun_is_understood(environment, variables, given, expected):
    environment(variables)
    assert choose_launcher(given) == expected


def test_torchrun_with_none_is_refused(environment):
    environment(TORCHRUN)
    user_error(lambda: choose_launcher("none"), "one of 2 processes that torchrun started", "leave --launcher out")


def test_a_port_that_is_taken_is_one_line(environment, tmp_path):
    def join(port):
        environment({"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "2", "MASTER_PORT": str(port)})
        user_error(lambda: start_process_group("pytorch"), "the processes cannot meet", "set PORT to a free one")

    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        assert in_child(tmp_path / "log", join, taken.getsockname()[1]) == 0, (tmp_path / "log").read_text()


def wrap(config, folder, options):
    cfg = load_config(str(config), options)
    apply_train_options(cfg, str(folder), launcher="pytorch")
    wrapper = Runner.from_cfg(cfg).model
    if distributed.get_rank() == 0:
        found = [type(wrapper).__name__, wrapper.find_unused_parameters, wrapper.broadcast_buffers]
        (folder / "found.json").write_text(json.dumps(found))


@pytest.mark.parametrize(
    ("options", "unused", "buffers"),
    [
        ({}, False, False),
        ({"find_unused_parameters": True}, True, False),
        ({"model_wrapper_cfg": {"type": "MMDistributedDataParallel", "find_unused_parameters": True}}, True, True),
    ],
)
def test_the_wrapper_is_what_the_config_says_on_the_cpu_too(tiny_nyu, tmp_path, options, unused, buffers):
    options = options | {"visualizer.vis_backends": [], "default_hooks.pictures": None}
    assert in_two_processes(tmp_path / "log", wrap, tiny_nyu, tmp_path, options) == 0, (tmp_path / "log").read_text()
    assert json.loads((tmp_path / "found.json").read_text()) == ["MMDistributedDataParallel", unused, buffers]
