"""The bars on a terminal, and nothing in a file."""

import io
import logging
import sys
from types import SimpleNamespace

import pytest

from mdetools.engine.hooks import ProgressHook


class Terminal(io.StringIO):
    """A terminal that keeps what it shows."""

    def isatty(self):
        return True


def seen_in_a_run(hook):
    """A resumed run of 4 iterations with one validation of 3 images and a test of 2."""
    logger = logging.getLogger("progress")
    runner = SimpleNamespace(
        logger=logger, max_iters=4, iter=1, val_dataloader=range(3), test_dataloader=range(2), seen=[]
    )

    def note(bar):
        runner.seen.append((bar.desc, bar.n, bar.total) if bar is not None else None)

    hook.before_run(runner)
    hook.before_train(runner)
    for index in range(3):
        hook.after_train_iter(runner, index)
    note(hook.training_bar)
    hook.before_val_epoch(runner)
    hook.after_val_iter(runner, 0)
    note(hook.bar)
    hook.after_val_epoch(runner)
    hook.after_train(runner)
    hook.before_test_epoch(runner)
    hook.after_test_iter(runner, 0)
    hook.after_test_iter(runner, 1)
    note(hook.bar)
    hook.after_test_epoch(runner)
    hook.after_run(runner)
    return runner.seen


def test_bars_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert seen_in_a_run(ProgressHook()) == [("training", 4, 4), ("validation", 1, 3), ("test", 2, 2)]
    assert "training" in terminal.getvalue() and "validation" in terminal.getvalue()


@pytest.mark.parametrize("rank, stream", [(0, io.StringIO()), (1, Terminal())])
def test_nothing_in_a_file_and_on_other_ranks(monkeypatch, rank, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr("mdetools.engine.hooks.progress_hook.is_main_process", lambda: rank == 0)
    assert seen_in_a_run(ProgressHook()) == [None, None, None]
    assert stream.getvalue() == ""
