"""Error files: what torch elastic reads of them, which rank's counts, and what the user is told."""

import signal

import pytest
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

from mdetools.engine.process import failures as module
from mdetools.engine.process.failures import explain, record_failure, root_cause

MISTAKE = ("UserError: no data", "error: no data")
BUG = ("KeyError: 'a'", "Traceback (most recent call last):\n  ...\nKeyError: 'a'\n")


@pytest.fixture
def failure(tmp_path, monkeypatch):
    """Makes the failure of a rank as torch elastic sees it; `at` is when its error file was written."""

    def make(rank, code, recorded=None, at=100.0):
        path = tmp_path / f"{rank}.json"
        if recorded:
            monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(path))
            monkeypatch.setattr(module.time, "time", lambda: at)
            assert record_failure(*recorded)
            monkeypatch.undo()
        return ProcessFailure(local_rank=rank, pid=1000 + rank, exitcode=code, error_file=str(path))

    return make


def test_torch_reads_the_error_file(failure):
    crashed = failure(1, 1, BUG, at=123.7)
    assert crashed.timestamp == 123
    assert crashed.message["message"] == "KeyError: 'a'"
    assert "KeyError: 'a'" in ChildFailedError("train.py", {1: crashed}).format_msg()


def test_without_a_launcher_or_a_disk_nothing_is_recorded(tmp_path, monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_ERROR_FILE", raising=False)
    assert not record_failure(*BUG)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "file" / "error.json"))
    assert not record_failure(*BUG)


def test_a_mistake_comes_before_the_failures_that_it_led_to(failure):
    lost = ("RuntimeError: connection closed by peer", "Traceback ...")
    assert root_cause({0: failure(0, 1, lost, at=100.0), 1: failure(1, 2, MISTAKE, at=100.4)}) == 1
    assert root_cause({0: failure(0, -9), 1: failure(1, 2, MISTAKE)}) == 1


def test_the_first_exception_within_a_second_counts(failure):
    assert root_cause({0: failure(0, 1, BUG, at=100.6), 1: failure(1, 1, BUG, at=100.5)}) == 1
    assert root_cause({0: failure(0, 2, MISTAKE, at=100.6), 1: failure(1, 2, MISTAKE, at=100.5)}) == 1


def test_a_killed_rank_counts_if_it_was_noticed_first(failure):
    bug, killed = failure(0, 1, BUG), failure(1, -9)
    assert root_cause({1: killed, 0: bug}) == 1
    assert root_cause({0: bug, 1: killed}) == 0  # by the launcher


def test_what_is_told(failure):
    assert explain(0, failure(0, 2, MISTAKE)) == ("error: no data", 2)
    assert explain(0, failure(0, -15, MISTAKE)) == ("error: no data", 2)  # ended by the launcher on its way out
    assert explain(3, failure(3, 1, BUG)) == (f"rank 3 failed:\n{BUG[1].rstrip()}", 1)
    assert explain(3, failure(3, -15, BUG))[1] == 1
    assert explain(4, failure(4, 7)) == ("error: rank 4 ended with exit code 7; what it printed above may say why", 7)
    assert explain(5, failure(5, -signal.SIGSEGV)) == ("error: rank 5 (process 1005) was killed by SIGSEGV", 139)
    text, code = explain(6, failure(6, -signal.SIGKILL))
    assert text.startswith("error: rank 6 (process 1006) was killed by SIGKILL; the system does this when memory")
    assert code == 137 and "\n" not in text


def test_no_leftovers_beside_the_error_file(failure, tmp_path):
    failure(0, 1, BUG)
    assert [path.name for path in tmp_path.iterdir()] == ["0.json"]
