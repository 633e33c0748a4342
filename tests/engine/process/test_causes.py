"""What is used up, in one line with the right advice; and who has gone away."""

import errno
import os
import socket
import subprocess
import sys

import pytest
import torch
from support.commands import ROOT, run_command
from torch import distributed

from mdetools.engine.process.causes import lost_peer, release
from mdetools.engine.process.cli import user_message
from mdetools.errors import UserError

RELAYED = "Caught {} in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n  ...\n{}"
FILES, SHARED, DISK, MEMORY = "ulimit -n 4096", "--shm-size=8g", "the disk is full", "the memory is used up"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), FILES),
        (OSError(errno.ENFILE, os.strerror(errno.ENFILE)), FILES),
        (RuntimeError("Too many open files. Communication with the workers is no longer possible. Please ..."), FILES),
        (RuntimeError("received 0 items of ancdata"), FILES),
        (OSError(RELAYED.format("OSError", "OSError: [Errno 24] Too many open files: 'a.png'")), FILES),
        (
            RuntimeError(
                "unable to open shared memory object </torch_1_2> in read-write mode: Too many open files (24)"
            ),
            FILES,
        ),
        (RuntimeError("DataLoader worker (pid 12) exited unexpectedly with exit code 24. Details are lost"), FILES),
        (
            RuntimeError(RELAYED.format("RuntimeError", "RuntimeError: unable to allocate shared memory(shm) for f")),
            SHARED,
        ),
        (
            RuntimeError(
                "DataLoader worker (pid 12) is killed by signal: Bus error. It is possible that dataloader's workers "
                "are out of shared memory. Please try to raise your shared memory limit."
            ),
            SHARED,
        ),
        (RuntimeError("unable to resize file </torch_1> to the right size: No space left on device"), SHARED),
        (RuntimeError("DataLoader worker (pid 12) exited unexpectedly with exit code 28. Details are lost"), SHARED),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), DISK),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), DISK),
        (OSError(RELAYED.format("OSError", "OSError: [Errno 28] No space left on device: 'cache'")), DISK),
        (RuntimeError("DataLoader worker (pid 12) is killed by signal: Killed. "), MEMORY),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried"), MEMORY),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), MEMORY),
        (MemoryError(), MEMORY),
    ],
)
def test_what_is_used_up_is_one_line(error, advice):
    line = user_message(error)
    assert advice in line and "\n" not in line
    others = {FILES, SHARED, DISK, MEMORY} - {advice}
    assert not any(other in line for other in others)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("DataLoader worker (pid 12) is killed by signal: Segmentation fault. "),
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (24x28 and 12x5)"),
        OSError(errno.EIO, os.strerror(errno.EIO)),
        ValueError("Too many open files"),
        EOFError("end of a file"),
    ],
)
def test_other_faults_keep_their_traceback(error):
    assert user_message(error) is None


def test_semaphores_that_do_not_fit_are_no_full_disk(monkeypatch):
    from multiprocessing import synchronize

    def refuse(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(synchronize._multiprocessing, "SemLock", refuse)
    with pytest.raises(OSError) as caught:
        synchronize.Lock(ctx=torch.multiprocessing.get_context("fork"))
    assert SHARED in user_message(caught.value)


def test_a_batch_that_a_worker_could_not_hand_over(monkeypatch):
    from multiprocessing import reduction

    left, right = socket.socketpair()
    right.close()
    with left, pytest.raises(EOFError) as caught:
        reduction.recvfds(left, 1)
    assert FILES in user_message(caught.value)


def test_what_a_failed_call_held_is_let_go():
    gone = []

    class Held:
        def __del__(self):
            gone.append(True)

    def fail():
        held = Held()
        held.itself = held
        raise UserError("no")

    try:
        fail()
    except UserError as error:
        release(error)
        assert gone == [True]


def test_a_lost_peer_is_told_from_a_bug(monkeypatch):
    lost = RuntimeError("[/pytorch/third_party/gloo/.../pair.cc:538] Connection closed by peer [127.0.0.1]:4711")
    assert lost_peer(lost) is None  # no other process to lose
    monkeypatch.setattr(distributed, "is_initialized", lambda: True)
    assert lost_peer(lost).startswith("another process of the job is gone ([/pytorch")
    nccl = RuntimeError("NCCL error: remote process exited or there was a network error, NCCL version 2.20.5")
    assert lost_peer(nccl) and not lost_peer(RuntimeError("bad shape")) and not lost_peer(UserError("no data"))


TRAIN = "tools/train.py {config} --work-dir {folder} --cfg-options visualizer.vis_backends=[] "
TRAIN += "default_hooks.pictures=None train_dataloader.num_workers=8"


def limited(limit, config, folder):
    """Trains with loader workers under a limit that a shell sets."""
    command = f"{limit} && exec '{sys.executable}' {TRAIN.format(config=config, folder=folder)}"
    return run_command("bash", "-c", command, folder=ROOT)


@pytest.mark.slow
def test_a_training_with_too_few_files(tiny_nyu, tmp_path):
    run = limited("ulimit -n 48", tiny_nyu, tmp_path)
    errors = [line for line in run.stderr.splitlines() if line.startswith("error")]
    assert run.returncode == 2 and "Traceback" not in run.stderr, run.stderr
    assert len(errors) == 1 and FILES in errors[0]


@pytest.mark.slow
def test_a_training_with_a_full_shared_memory(tiny_nyu, tmp_path):
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("needs the right to mount a small /dev/shm")
    script = f"mount -t tmpfs -o size=20k tmpfs /dev/shm && exec '{sys.executable}' "
    script += TRAIN.format(config=tiny_nyu, folder=tmp_path)
    run = run_command("unshare", "-m", "bash", "-c", script, folder=ROOT)
    errors = [line for line in run.stderr.splitlines() if line.startswith("error")]
    assert run.returncode == 2 and "Traceback" not in run.stderr, run.stderr
    assert len(errors) == 1 and SHARED in errors[0]
