"""Two torchrun agents with a process each, as on two machines, and Slurm's script, train as one agent with two."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from support.commands import run_command
from support.paths import ROOT
from support.tiny_training import free_port

from mdetools.weights.files import read_checkpoint

pytestmark = pytest.mark.slow

OPTIONS = ["visualizer.vis_backends=[]", "default_hooks.pictures=None", "train_cfg.max_epochs=1"]
# Starts two tasks with the variables that Slurm gives them; its own options come before the command.
SRUN = """#!/usr/bin/env bash
while [ "$1" != python ]; do shift; done
for rank in 0 1; do
    SLURM_PROCID=$rank SLURM_LOCALID=$rank SLURM_NTASKS=2 "$@" & tasks+=($!)
done
for task in "${tasks[@]}"; do wait "$task" || exit 1; done
"""


def finish(*command, **environment):
    """A command that has to succeed; its output."""
    ended = run_command(*command, "--cfg-options", *OPTIONS, **environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def torchrun(config, work_dir, *options):
    """One agent, to its end."""
    command = [sys.executable, "-m", "torch.distributed.run", *options, ROOT / "tools" / "train.py", config]
    return finish(*command, "--work-dir", work_dir)


@pytest.fixture(scope="module")
def one(tiny_nyu, tmp_path_factory):
    """The last checkpoint of one agent with two processes."""
    folder = tmp_path_factory.mktemp("one")
    torchrun(tiny_nyu, folder, "--standalone", "--nproc_per_node", 2)
    return read_checkpoint(folder / "epoch_1.pth")


def assert_same_bits(work_dir, one):
    other = read_checkpoint(work_dir / "epoch_1.pth")
    assert other["meta"]["world_size"] == one["meta"]["world_size"] == 2
    assert all(other["state_dict"][name].equal(weight) for name, weight in one["state_dict"].items())
    states = [checkpoint["parts"]["optim_wrapper"]["state"] for checkpoint in (other, one)]
    tensors = [[value for entry in state.values() for value in entry.values()] for state in states]
    assert len(tensors[0]) == len(tensors[1]) > 0 and all(map(torch.equal, *tensors))


def test_two_agents_train_to_the_bits_of_one(tiny_nyu, one, tmp_path):
    meeting = ["--nnodes", 2, "--nproc_per_node", 1, "--rdzv_backend", "c10d"]
    meeting += ["--rdzv_endpoint", f"localhost:{free_port()}"]
    with ThreadPoolExecutor(2) as machines:
        agents = [machines.submit(torchrun, tiny_nyu, tmp_path, *meeting, "--node_rank", rank) for rank in range(2)]
        said = "".join(agent.result() for agent in agents)
    assert "2 process(es) on cpu" in said
    assert_same_bits(tmp_path, one)


def test_slurm_s_tasks_train_to_the_bits_of_torchrun(tiny_nyu, one, tmp_path):
    """With a stand-in for `srun`."""
    srun = tmp_path / "srun"
    srun.write_text(SRUN)
    srun.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]])
    script = ["bash", ROOT / "tools" / "slurm_train.sh", "partition", "job", tiny_nyu, "--work-dir", tmp_path / "run"]
    finish(*script, PATH=path, PORT=str(free_port()), GPUS="2")
    assert_same_bits(tmp_path / "run", one)
