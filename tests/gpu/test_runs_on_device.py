"""Whole runs of tools/train.py: resumed to the bit, and in a process group (NCCL, or gloo without a GPU) of one."""

import pytest
import torch
from support.commands import run_train
from support.tiny_training import free_port

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.weights.files import read_checkpoint

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

OPTIONS = [
    "--cfg-options",
    "randomness.deterministic=True",
    "default_hooks.checkpoint.max_keep=9",
    "visualizer.vis_backends=[]",
    "default_hooks.pictures=None",
]


def trained(config, folder, *options):
    """Trains for two epochs of three iterations; what was printed, and the weights at the end."""
    answer = run_train(config, "--work-dir", folder, *options, *OPTIONS)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout + answer.stderr, read_checkpoint(last_checkpoint(folder))["state_dict"]


@pytest.fixture(scope="module")
def whole_run(tiny_nyu, tmp_path_factory):
    """A run that was never stopped: its folder, and its weights."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, trained(tiny_nyu, folder)[1]


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    assert [name for name, value in expected.items() if not torch.equal(found[name], value)] == []


def test_a_resumed_run_ends_with_the_same_bits(whole_run, tiny_nyu, tmp_path):
    folder, expected = whole_run
    fourth = folder / "iter_4.pth"
    before = read_checkpoint(fourth)["state_dict"]
    assert any(not torch.equal(before[name], value) for name, value in expected.items())
    assert_same(trained(tiny_nyu, tmp_path, "--resume", fourth)[1], expected)


def test_a_process_group_of_one_ends_with_the_same_bits(whole_run, tiny_nyu, tmp_path, monkeypatch):
    group = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "NCCL_DEBUG": "VERSION"}
    for name, value in {**group, "MASTER_PORT": str(free_port())}.items():
        monkeypatch.setenv(name, value)
    printed, found = trained(tiny_nyu, tmp_path, "--launcher", "pytorch")
    assert_same(found, whole_run[1])
    assert ("NCCL version" in printed) == torch.cuda.is_available(), printed
