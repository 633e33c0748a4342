"""Settings and fixtures of the whole suite."""

import os
import sys

# Before torch is imported: pytest-xdist uses the cores already.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest


def pytest_configure(config):
    """Hides the GPU, as numbers are compared to the bit on the CPU; `-m gpu` runs the tests that are meant for it."""
    if "gpu" not in config.option.markexpr.replace("not gpu", ""):
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


@pytest.fixture(scope="session")
def device():
    """The GPU where there is one, with `-m gpu`; else the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@pytest.fixture(scope="session")
def tiny_nyu(tmp_path_factory):
    """A data set of 7 training and 5 validation frames of 40x56, and a config that trains on it within a second."""
    from support.tiny_training import tiny_config, write_nyu_frames

    folder = tmp_path_factory.mktemp("tiny")
    return tiny_config(folder / "tiny.py", write_nyu_frames(folder / "data"))


@pytest.fixture(autouse=True)
def warnings_of_bits(monkeypatch):
    """What is warned of once a process is so for each test, whichever ran before it."""
    from mdetools.datasets.readers import image_bits

    monkeypatch.setattr(image_bits, "warned_bits", set())


@pytest.fixture
def run_tool(monkeypatch, capsys):
    """Runs `tools/<name>.py` on a command line, in this process; gives its exit code, stdout and stderr."""
    from support.commands import load_tool

    from mdetools.engine.process.cli import run_cli

    def call(name, *arguments):
        tool = load_tool(name)
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            run_cli(tool.main, tool.parse_args())
        return caught.value.code, *capsys.readouterr()

    return call
