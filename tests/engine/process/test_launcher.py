"""A job of two ranks ends as a script in one process does: one line, one traceback, and the exit code that says which.

The launcher is forked from the tests, which have torch imported already; its ranks import it only where they talk.
"""

import argparse
import multiprocessing
import os
import signal
import socket
import tempfile
import time

import pytest
from mmengine.config import Config
from support.commands import run_command
from support.tiny_training import _start, _wait, free_port, in_child

from mdetools.engine import training
from mdetools.engine.process.cli import run_cli
from mdetools.engine.process.launcher import (
    TEMPORARY,
    handled_signals,
    main,
    remove_folders_of_dead_launchers,
    rendezvous,
    share_cores,
    split_restarts,
)
from mdetools.engine.training import apply_train_options
from mdetools.errors import UserError


@pytest.fixture(autouse=True)
def signals_as_in_a_shell():
    """A shell's background job, which the tests may be, is begun with these ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)}
    for number in before:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


JOB = """
import argparse, os, signal, sys, time
from pathlib import Path

from mdetools.engine.process.cli import run_cli
from mdetools.errors import UserError

RANK = int(os.environ.get("RANK", -1))


def fail(samples):
    raise UserError("bad frame in a worker")


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("trouble")
    parser.add_argument("--rank", type=int, default=RANK, help="who has it (default: all)")
    parser.add_argument("--talk", action="store_true", help="the others wait in a collective, and fail with it")
    parser.add_argument("--launcher")
    return parser.parse_args()


def main(args):
    (Path(__file__).parent / f"{args.trouble}.{RANK}").write_text(str(os.getpid()))
    if args.talk:
        import torch
        from torch import distributed

        distributed.init_process_group("gloo")
        distributed.barrier()
    if RANK != args.rank:
        if args.talk:
            distributed.all_reduce(torch.zeros(1))
        time.sleep(60)
    if args.trouble == "mistake":
        raise UserError("bad frame")
    if args.trouble == "bug":
        raise KeyError("a bug")
    if args.trouble == "gone":
        os._exit(7)
    if args.trouble.startswith("launcher-"):
        time.sleep(0.5)  # until the other rank is there
        os.kill(os.getppid(), getattr(signal, args.trouble.removeprefix("launcher-")))
        time.sleep(60)
    if args.trouble == "once":
        if int(os.environ["TORCHELASTIC_RESTART_COUNT"]) == 0:
            raise UserError("bad frame")
        return
    if args.trouble == "slow-end":
        from mdetools.engine.process.termination import Terminated, TerminationNotice

        notice = TerminationNotice()
        notice.listen([])
        (Path(__file__).parent / f"listens.{RANK}").touch()
        while len(list(Path(__file__).parent.glob("listens.*"))) < 2:
            time.sleep(0.01)
        if RANK == 0:
            time.sleep(0.2)
            os.kill(os.getppid(), signal.SIGTERM)
        while not notice.requested:
            time.sleep(0.01)
        time.sleep(1)
        (Path(__file__).parent / f"saved.{RANK}").touch()
        raise Terminated(told=True)
    if args.trouble == "worker":
        from torch.utils.data import DataLoader

        next(iter(DataLoader([1], num_workers=1, collate_fn=fail)))
    if args.trouble.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, args.trouble))


if __name__ == "__main__":
    run_cli(main, parse_args())
"""


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    path = tmp_path_factory.mktemp("job") / "job.py"
    path.write_text(JOB)
    return path


@pytest.fixture
def outcome(job, tmp_path):
    """Runs the job in two ranks: its exit code and what was printed."""

    def run(*arguments):
        log = tmp_path / f"{len(list(tmp_path.iterdir()))}.log"
        args = argparse.Namespace(gpus="2", script=str(job), arguments=[str(argument) for argument in arguments])
        code = in_child(log, run_cli, main, args)
        return code, log.read_text()

    return run


def test_all_is_well(outcome):
    assert outcome("none") == (0, "")


def test_a_mistake_of_all_ranks_is_one_line(outcome):
    assert outcome("mistake") == (2, "error: bad frame\n")


def test_a_mistake_of_rank_1_is_not_hidden_by_the_rank_that_lost_it(outcome):
    assert outcome("mistake", "--rank", 1, "--talk") == (2, "error: bad frame\n")


def test_a_bug_shows_one_traceback(outcome):
    for arguments in ((), ("--rank", 1)):
        code, text = outcome("bug", *arguments)
        assert code == 1
        assert text.count("Traceback") == 1 and text.endswith("KeyError: 'a bug'\n")
    assert text.startswith("rank 1 failed:\nTraceback")


def test_a_killed_rank_is_named_at_once(outcome):
    start = time.monotonic()
    code, text = outcome("SIGKILL", "--rank", 1, "--talk")
    assert time.monotonic() - start < 30
    assert code == 137
    assert text.count("\n") == 1 and text.startswith("error: rank 1 (process ") and " was killed by SIGKILL; " in text
    code, text = outcome("SIGTERM", "--rank", 1)  # what the launcher itself sends to the others
    assert code == 143
    assert text.startswith("error: rank 1 (process ") and text.endswith(" was killed by SIGTERM\n")


def test_a_rank_that_ends_without_a_word(outcome):
    assert outcome("gone", "--rank", 1) == (
        7,
        "error: rank 1 ended with exit code 7; what it printed above may say why\n",
    )


@pytest.mark.parametrize("name, expected", [("SIGINT", (130, "\ninterrupted\n")), ("SIGTERM", (143, "terminated\n"))])
def test_a_signal_to_the_launcher_ends_all_ranks(outcome, job, name, expected):
    assert outcome(f"launcher-{name}", "--rank", 0) == expected
    for rank in (0, 1):
        with pytest.raises(ProcessLookupError):
            os.kill(int((job.parent / f"launcher-{name}.{rank}").read_text()), 0)


def test_ranks_have_time_to_save_after_sigterm(outcome, job):
    assert outcome("slow-end") == (143, "terminated\n")
    assert len(list(job.parent.glob("saved.*"))) == 2


def test_other_ends_of_a_rank(outcome):
    code, text = outcome("SIGSEGV", "--rank", 1, "--talk")
    assert code == 139
    assert text.startswith("error: rank 1 (process ") and text.endswith(" was killed by SIGSEGV\n")
    assert outcome("worker", "--rank", 1) == (2, "error: bad frame in a worker\n")


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("--max-restarts", 0), 2), (("--max-restarts", 1), 0)])
def test_restarts(outcome, arguments, code):
    """What failed is told at once, by each rank that did, if the launcher goes on."""
    found, text = outcome("once", *arguments)
    assert found == code
    assert set(text.splitlines()) == {"error: bad frame"} and text.count("\n") <= 2


def test_a_restarted_training_goes_on_from_its_newest_checkpoint(monkeypatch, tmp_path):
    monkeypatch.setattr(training, "check_trainable", lambda cfg: None)  # there is nothing but a work dir
    cfg = Config({"work_dir": str(tmp_path)})
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    apply_train_options(cfg, resume="old.pth")
    assert (cfg.resume, cfg.load_from) == (True, "old.pth")  # nothing newer was written
    (tmp_path / "iter_3.pth").touch()
    (tmp_path / "last_checkpoint").write_text("iter_3.pth")
    for given in (None, "old.pth"):
        cfg = Config({"work_dir": str(tmp_path)})
        apply_train_options(cfg, resume=given)
        assert cfg.resume == "auto"
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
    cfg = Config({"work_dir": str(tmp_path)})
    apply_train_options(cfg)
    assert "resume" not in cfg


def test_options_of_the_launcher_are_taken_out():
    assert split_restarts(["--resume", "--cfg-options", "a=1", "b=2"]) == (
        0,
        ["--resume", "--cfg-options", "a=1", "b=2"],
    )
    assert split_restarts(["--cfg-options", "a=1", "--max-restarts", "3", "--debug"]) == (
        3,
        ["--cfg-options", "a=1", "--debug"],
    )
    for wrong in (["--max-restarts", "many"], ["--max-restarts=-1"], ["--max-restarts"]):
        with pytest.raises(UserError, match="--max-restarts is '.*', expected a whole number of at least 0"):
            split_restarts(wrong)


def test_nohup_is_respected():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert handled_signals() == ["SIGTERM", "SIGINT", "SIGQUIT"]
    signal.signal(signal.SIGHUP, before)
    assert handled_signals() == ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]


def test_what_killed_launchers_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = multiprocessing.get_context("fork").Process()
    gone.start()
    gone.join()
    for pid in (gone.pid, os.getpid(), "strange"):
        (tmp_path / f"{TEMPORARY}{pid}_x").mkdir()
    remove_folders_of_dead_launchers()
    assert {path.name for path in tmp_path.iterdir()} == {f"{TEMPORARY}{os.getpid()}_x", f"{TEMPORARY}strange_x"}


def node(job, rank, port, *arguments):
    """The launcher of one of two machines."""
    environment = {"NNODES": "2", "NODE_RANK": str(rank), "PORT": str(port), "MASTER_ADDR": "127.0.0.1"}
    os.environ.update(environment)
    args = argparse.Namespace(gpus="1", script=str(job), arguments=[str(argument) for argument in arguments])
    run_cli(main, args)


@pytest.mark.parametrize("trouble", ["mistake", "SIGKILL"])
@pytest.mark.parametrize("bad", [0, 1])
def test_the_other_machine_prints_no_traceback(job, tmp_path, trouble, bad):
    port = free_port()
    logs = [tmp_path / "0", tmp_path / "1"]
    ranks = [
        _start(log, {}, node, (job, rank, port, trouble, "--rank", bad, "--talk")) for rank, log in enumerate(logs)
    ]
    codes = [_wait(process) for process in ranks]
    texts = [log.read_text() for log in logs]
    assert codes[bad] == (2 if trouble == "mistake" else 137)
    assert texts[bad].startswith("error: bad frame" if trouble == "mistake" else f"error: rank {bad} (process ")
    assert codes[1 - bad] not in (0, None)
    for text in texts:
        assert text.count("\n") == 1 and text.startswith("error: "), text


def test_a_wrong_argument_is_told_once_before_any_rank_starts(outcome, job):
    code, text = outcome("wrong", "--rang", 1)
    assert code == 2
    assert text.count("usage:") == 1 and text.endswith("job.py: error: unrecognized arguments: --rang 1\n")
    assert not (job.parent / "wrong.0").exists()


def test_bare_torchrun_has_the_line_in_its_report(job):
    options = ["--standalone", "--nproc-per-node", 2]
    run = run_command("python", "-m", "torch.distributed.run", *options, job, "mistake")
    assert run.returncode == 1
    assert "\n  traceback : error: bad frame\n" in run.stderr
    assert run.stderr.count("bad frame") <= 2
    assert "UserError" not in run.stderr


def test_ranks_meet_at_a_free_port_unless_told_where(monkeypatch):
    for name in ("NNODES", "NODE_RANK", "MASTER_ADDR", "PORT"):
        monkeypatch.delenv(name, raising=False)
    alone = rendezvous()
    assert (alone["rdzv_backend"], alone["rdzv_endpoint"], alone["local_addr"]) == ("c10d", "localhost:0", "127.0.0.1")
    assert alone["run_id"] != rendezvous()["run_id"]
    monkeypatch.setenv("PORT", "29501")
    assert (rendezvous()["rdzv_backend"], rendezvous()["rdzv_endpoint"]) == ("static", "127.0.0.1:29501")
    for name, value in {"NNODES": "3", "NODE_RANK": "2", "MASTER_ADDR": "10.0.0.1", "PORT": ""}.items():
        monkeypatch.setenv(name, value)
    assert rendezvous() == {
        "min_nodes": 3,
        "max_nodes": 3,
        "rdzv_backend": "static",
        "rdzv_endpoint": "10.0.0.1:29500",
        "rdzv_configs": {"rank": 2},
        "run_id": "none",
    }


@pytest.mark.parametrize(
    "environment, found",
    [
        ({"NNODES": "two"}, "NNODES is 'two', expected a whole number of at least 1"),
        ({"NNODES": "2", "NODE_RANK": "2"}, "NODE_RANK is 2, expected less than NNODES, 2"),
        ({"PORT": "99999"}, "PORT is '99999', expected a whole number from 1 to 65535"),
    ],
)
def test_an_environment_that_names_no_meeting_point(monkeypatch, environment, found):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=found):
        rendezvous()


def test_a_port_that_is_taken_is_one_line(outcome, monkeypatch):
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("", port))
        taken.listen()
        monkeypatch.setenv("PORT", str(port))
        code, text = outcome("none")
    assert code == 2
    assert text.startswith(f"error: the processes cannot meet at 127.0.0.1:{port} (") and text.count("\n") == 1


def test_a_script_that_is_not_there():
    with pytest.raises(UserError, match="no script 'gone.py'"):
        main(argparse.Namespace(gpus="2", script="gone.py", arguments=[]))


def test_the_cores_are_shared_out_unless_the_environment_says_how(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(7)))
    for given, expected in (({}, "4 4"), ({"OMP_NUM_THREADS": "3"}, "3 3"), ({"MKL_NUM_THREADS": "2"}, "4 2")):
        monkeypatch.setenv("OMP_NUM_THREADS", "")
        monkeypatch.setenv("MKL_NUM_THREADS", "")
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        share_cores(2)
        assert f"{os.environ['OMP_NUM_THREADS']} {os.environ['MKL_NUM_THREADS']}" == expected
