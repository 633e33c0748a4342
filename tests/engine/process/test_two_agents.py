"""Two torchrun agents with a process each, as on two machines, train as one agent with two processes."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from support.commands import run_command
from support.paths import ROOT
from support.tiny_training import free_port

from mdetools.weights.files import read_checkpoint

OPTIONS = ["visualizer.vis_backends=[]", "default_hooks.pictures=None", "train_cfg.max_epochs=1"]


def torchrun(config, work_dir, *options):
    """One agent, to its end."""
    command = ["-m", "torch.distributed.run", *map(str, options), ROOT / "tools" / "train.py", config]
    ended = run_command(sys.executable, *command, "--work-dir", work_dir, "--cfg-options", *OPTIONS)
    assert ended.returncode == 0, ended.stderr
    return ended


@pytest.mark.slow
def test_two_agents_train_to_the_bits_of_one(tiny_nyu, tmp_path):
    meeting = ["--nnodes", 2, "--nproc_per_node", 1, "--rdzv_backend", "c10d"]
    meeting += ["--rdzv_endpoint", f"localhost:{free_port()}"]
    with ThreadPoolExecutor(2) as machines:
        agents = [
            machines.submit(torchrun, tiny_nyu, tmp_path / "two", *meeting, "--node_rank", rank) for rank in range(2)
        ]
        assert any("2 process(es) on cpu" in text for agent in agents for text in (agent.result().stdout,))
    torchrun(tiny_nyu, tmp_path / "one", "--standalone", "--nproc_per_node", 2)
    two, one = (read_checkpoint(tmp_path / name / "epoch_1.pth") for name in ("two", "one"))
    assert two["meta"]["world_size"] == one["meta"]["world_size"] == 2
    assert all(two["state_dict"][name].equal(weight) for name, weight in one["state_dict"].items())
    states = [checkpoint["parts"]["optim_wrapper"]["state"] for checkpoint in (two, one)]
    tensors = [[value for entry in state.values() for value in entry.values()] for state in states]
    assert len(tensors[0]) == len(tensors[1]) > 0 and all(map(torch.equal, *tensors))
