"""One run per work dir, and no lock that outlives its run."""

import errno
import fcntl
import logging
import multiprocessing
import os
import socket
import sys
import time

import pytest
from support.tiny_training import in_child, train
from support.user_errors import user_error

from mdetools.engine.process import work_dir_lock
from mdetools.engine.process.work_dir_lock import lock_work_dir


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(work_dir_lock, "HELD", {})


def test_a_system_without_such_locks_trains_with_a_warning(tmp_path, monkeypatch):
    """Windows has neither `fcntl` nor what POSIX alone has of `os`."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    for name in ("O_CLOEXEC", "O_NOFOLLOW", "pread", "pwrite"):
        monkeypatch.delattr(os, name)
    told = []
    monkeypatch.setattr(work_dir_lock, "print_log", lambda message, *_: told.append(message))
    lock_work_dir(tmp_path / "run")
    assert len(told) == 1 and "cannot be locked" in told[0]
    assert (tmp_path / "run" / "run.lock").read_text() == f"process {os.getpid()} on {socket.gethostname()}\n"


def hold(folder, connection):
    """Locks, forks a child that lives on as a loader worker may, and waits."""
    lock_work_dir(folder)
    worker = os.fork()
    if worker:
        connection.send(worker)
    time.sleep(60)


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock of tmp_path / "run", and its child."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=hold, args=(tmp_path / "run", theirs))
    process.start()
    worker = ours.recv()
    yield process
    process.kill()
    process.join()
    os.kill(worker, 9)


def test_a_second_run_is_refused_until_the_first_is_gone(tmp_path, holder):
    line = user_error(lambda: lock_work_dir(tmp_path / "run"), "is in use by another run", "choose another --work-dir")
    assert f"(process {holder.pid} on {socket.gethostname()})" in line
    holder.kill()
    holder.join()
    lock_work_dir(tmp_path / "run")  # though its child lives
    assert (tmp_path / "run" / "run.lock").read_text() == f"process {os.getpid()} on {socket.gethostname()}\n"
    lock_work_dir(tmp_path / "run")  # a process may train there again


def test_a_training_is_refused_and_leaves_the_other_alone(tiny_nyu, tmp_path, holder):
    before = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / "run") == 1
    assert "UserError: work dir" in (tmp_path / "log").read_text().splitlines()[-1]
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == before


def test_what_a_killed_run_left_is_removed(tmp_path):
    leftovers = [".iter_4.pth.0a1b2c3d.tmp", ".best_abs_rel.pth.00000000.tmp", ".last_checkpoint.ffffffff.tmp"]
    others = [".git", ".mine.tmp", "iter_2.pth", "iter_5.pth.0a1b2c3d.tmp", "notes.tmp", "secret"]
    (tmp_path / "log").mkdir()
    for name in [*leftovers, *others, "log/.a.json.0a1b2c3d.tmp"]:
        (tmp_path / name).touch()
    (tmp_path / ".iter_6.pth.12345678.tmp").symlink_to(tmp_path / "secret")
    lock_work_dir(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "log", "run.lock"])
    assert not list((tmp_path / "log").iterdir())


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_without_locks_is_one_warning(tmp_path, monkeypatch, caplog, number):
    def refuse(*args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "lockf", refuse)
    monkeypatch.setattr(work_dir_lock, "print_log", lambda text, logger, level: logging.log(level, text))
    lock_work_dir(tmp_path)
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "cannot be locked" in record.message and "\n" not in record.message


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_work_dir_that_takes_no_file(tmp_path, monkeypatch, number):
    def refuse(*args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    user_error(lambda: lock_work_dir(tmp_path), "work dir", "cannot be written to", "--work-dir")


def test_a_planted_link_is_not_followed(tmp_path):
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.lock").symlink_to(tmp_path / "victim")
    user_error(lambda: lock_work_dir(tmp_path / "run"), "cannot be written to")
    assert (tmp_path / "victim").read_text() == "precious"
