"""SIGTERM, noted and obeyed: once, twice, without peers, in forked children."""

import argparse
import multiprocessing
import os
import signal
import time

import pytest
from support.tiny_training import in_child

from mdetools.engine.process import termination as module
from mdetools.engine.process.cli import run_cli
from mdetools.engine.process.termination import TerminationNotice, sigterm_unwinds
from mdetools.files import replacing


def send(seconds=0.2):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(seconds)


def note_twice(apart):
    module.SAME_NOTICE = 0.5
    notice = TerminationNotice()
    notice.listen([])
    send()
    assert notice.requested
    time.sleep(apart)
    send()
    os._exit(0)


@pytest.mark.parametrize(("apart", "code"), [(0, 0), (0.6, 143)])
def test_a_second_notice_ends_at_once_unless_it_is_the_first_again(tmp_path, apart, code):
    assert in_child(tmp_path / "log", note_twice, apart) == code


def wait_for_a_peer(alive):
    peer = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60 if alive else 0,))
    peer.start()
    if not alive:
        peer.join()
    notice = TerminationNotice()
    notice.listen([peer.pid])
    send()
    peer.kill()
    os._exit(0)


@pytest.mark.parametrize(("alive", "code"), [(True, 0), (False, 143)])
def test_nobody_waits_for_a_rank_that_is_gone(tmp_path, alive, code):
    assert in_child(tmp_path / "log", wait_for_a_peer, alive) == code


def close_again():
    notice = TerminationNotice()
    notice.listen([])
    notice.listen([1])
    notice.close()
    notice.close()
    send()


def test_a_closed_notice_gives_sigterm_back(tmp_path):
    assert in_child(tmp_path / "log", close_again) == -signal.SIGTERM


def fork_and_terminate(listening):
    with sigterm_unwinds():
        notice = TerminationNotice()
        if listening:
            notice.listen([])
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
        child.terminate()
        child.join(10)
        time.sleep(0.2)
        os._exit(0 if child.exitcode == -signal.SIGTERM and not notice.requested else 1)


@pytest.mark.parametrize("listening", [True, False])
def test_a_forked_child_is_terminated_as_ever(tmp_path, listening):
    assert in_child(tmp_path / "log", fork_and_terminate, listening) == 0


def ignore():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with sigterm_unwinds():
        notice = TerminationNotice()
        notice.listen([])
        send()
        os._exit(1 if notice.requested else 0)


def test_who_ignores_it_goes_on_ignoring_it(tmp_path):
    assert in_child(tmp_path / "log", ignore) == 0


def write_and_terminate(path):
    def main(args):
        with replacing(path) as temporary:
            temporary.write_text("half")
            send()

    run_cli(main, argparse.Namespace(debug=False))


def test_a_tool_that_is_terminated_says_so_and_cleans_up(tmp_path):
    assert in_child(tmp_path / "log", write_and_terminate, tmp_path / "results.json") == 143
    assert (tmp_path / "log").read_text() == "terminated\n"
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
