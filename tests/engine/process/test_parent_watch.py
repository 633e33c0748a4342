"""Nothing goes on when the process that started it was killed."""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from support.commands import ROOT
from torch.utils.data import DataLoader

from mdetools.engine.process import parent_watch as module
from mdetools.engine.process.cli import run_cli
from mdetools.engine.process.launcher import main
from mdetools.engine.process.loader_start import LoaderStart
from mdetools.engine.process.parent_watch import end_with_parent, is_gone


def test_on_windows_nobody_is_asked_whether_it_lives(monkeypatch):
    """`os.kill(pid, 0)` would send Ctrl-C there."""
    asked = []
    monkeypatch.setattr(module.os, "name", "nt")
    monkeypatch.setattr(module.os, "kill", lambda *arguments: asked.append(arguments))
    assert not is_gone(2**22 + 1) and asked == []


SLEEPER = """
import argparse, os, time
from pathlib import Path

from mdetools.engine.process.cli import run_cli


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--launcher")
    return parser.parse_args()


def main(args):
    path = Path(__file__).parent / f"rank.{os.environ['RANK']}"
    whole = path.with_name(path.name + ".tmp")
    whole.write_text(str(os.getpid()))
    whole.rename(path)
    time.sleep(100)


if __name__ == "__main__":
    run_cli(main, parse_args())
"""


@pytest.fixture
def sleeper(tmp_path):
    path = tmp_path / "sleeper.py"
    path.write_text(SLEEPER)
    return path


def start(function, *args):
    process = multiprocessing.get_context("fork").Process(target=function, args=args)
    process.start()
    return process


def until(condition, seconds=10):
    """Seconds until a condition holds."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds
        time.sleep(0.01)
    return time.monotonic() - begin


def rank_pids(folder):
    files = [folder / "rank.0", folder / "rank.1"]
    until(lambda: all(file.exists() for file in files), 60)
    return [int(file.read_text()) for file in files]


def launch(script):
    os.setsid()
    run_cli(main, argparse.Namespace(gpus="2", script=str(script), arguments=[]))


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_ranks_end_with_a_launcher_that_is_killed(sleeper, kill):
    launcher = start(launch, sleeper)
    ranks = rank_pids(sleeper.parent)
    assert not any(map(is_gone, ranks))
    kill(launcher.pid, signal.SIGKILL)
    assert until(lambda: all(map(is_gone, ranks))) < 5
    launcher.join()


@pytest.mark.slow
def test_ranks_end_with_a_torchrun_that_is_killed(sleeper):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(sleeper)]
    torchrun = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)
    ranks = rank_pids(sleeper.parent)
    torchrun.kill()
    assert until(lambda: all(map(is_gone, ranks))) < 5
    torchrun.wait()


class Numbers(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.folder = folder

    def __len__(self):
        return 1000

    def __getitem__(self, index):
        (self.folder / str(os.getpid())).touch()
        return torch.zeros(1000)


def load(folder):
    loader = DataLoader(Numbers(folder), num_workers=2, worker_init_fn=LoaderStart(None))
    for _ in loader:
        time.sleep(1)


def test_loader_workers_end_with_their_rank(tmp_path):
    rank = start(load, tmp_path)
    until(lambda: len(list(tmp_path.iterdir())) == 2, 60)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    rank.kill()
    assert until(lambda: all(map(is_gone, workers))) < 2
    rank.join()


def load_and_signal(folder):
    """A cluster's SIGTERM goes to the workers too, which have to go on; their parent's own ends them."""
    iterator = iter(DataLoader(Numbers(folder), num_workers=1, worker_init_fn=LoaderStart(lambda worker: None)))
    next(iterator)
    (worker,) = (process.pid for process in iterator._workers)
    subprocess.run(["kill", "-TERM", str(worker)], check=True)
    for _ in range(50):
        next(iterator)
    iterator._workers[0].terminate()
    iterator._workers[0].join(10)
    os._exit(iterator._workers[0].exitcode)


def test_loader_workers_take_sigterm_from_their_parent_alone(tmp_path):
    rank = start(load_and_signal, tmp_path)
    rank.join(60)
    assert rank.exitcode == 0


def without_the_kernel(folder):
    def child():
        module._kernel_watches = lambda: False
        module.PERIOD = 0.05
        end_with_parent()
        (folder / str(os.getpid())).touch()
        time.sleep(100)

    start(child).join()


def test_a_thread_watches_where_the_kernel_does_not(tmp_path):
    parent = start(without_the_kernel, tmp_path)
    until(lambda: list(tmp_path.iterdir()), 60)
    child = int(next(tmp_path.iterdir()).name)
    parent.kill()
    assert until(lambda: is_gone(child)) < 5
    parent.join()


def test_a_launcher_that_was_gone_before_the_rank_began(monkeypatch):
    gone = start(lambda: None)
    gone.join()
    monkeypatch.setenv(module.LAUNCHER_PID, str(gone.pid))
    rank = start(end_with_parent)
    rank.join()
    assert rank.exitcode == 137
    monkeypatch.setenv(module.LAUNCHER_PID, str(os.getpid()))
    rank = start(end_with_parent)
    rank.join()
    assert rank.exitcode == 0


def test_an_id_that_no_system_has_is_gone():
    assert is_gone(10**12) and not is_gone(os.getpid())
