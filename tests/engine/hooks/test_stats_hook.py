"""Throughput and memory as they are logged."""

import sys
from types import SimpleNamespace

import pytest
from support.commands import run_command

from mdetools.engine.hooks import TrainingStatsHook, stats_hook


def test_images_per_second_count_all_processes_and_no_validation(monkeypatch):
    clock = iter([10.0, 10.5, 12.5, 100.0, 100.25])
    monkeypatch.setattr(stats_hook.time, "perf_counter", lambda: next(clock))
    logged = []
    groups = [{"name": "encoder", "lr": 1e-6}, {"lr": 1e-5}]
    runner = SimpleNamespace(
        world_size=2,
        optim_wrapper=SimpleNamespace(optimizer=SimpleNamespace(param_groups=groups)),
        message_hub=SimpleNamespace(update_scalar=lambda name, value: logged.append((name, value))),
    )
    hook = TrainingStatsHook()
    hook.before_train_epoch(runner)
    hook.after_train_iter(runner, 0, {"image": range(11)})
    hook.after_train_iter(runner, 1, {"image": range(11)})
    hook.before_train_epoch(runner)
    hook.after_train_iter(runner, 2, {"image": range(11)})
    assert [value for name, value in logged if name == "train/images_per_second"] == [44.0, 11.0, 88.0]
    assert [value for name, value in logged if name == "lr/encoder"] == [1e-6] * 3
    assert [value for name, value in logged if name == "lr/1"] == [1e-5] * 3


# In a process of its own: one that has freed much memory and kept it would not grow.
PEAKS = """
import resource, numpy
from mdetools.engine.hooks.stats_hook import peak_memory_mib
before = peak_memory_mib()
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
block = numpy.ones((int(before - resident) + 200) * 2**20, numpy.uint8)  # what is free below the peak does not count
print(peak_memory_mib() - before)
"""


def test_peak_memory_grows_by_what_is_taken():
    answer = run_command("python", "-c", PEAKS)
    before, system, growth = map(float, answer.stdout.split())
    assert before == pytest.approx(system, rel=0.01)
    assert growth == pytest.approx(200, abs=40)


def test_a_system_that_does_not_tell_the_memory_logs_none(monkeypatch):
    """Windows has no module `resource`; macOS counts in bytes."""
    usage = SimpleNamespace(RUSAGE_SELF=0, getrusage=lambda who: SimpleNamespace(ru_maxrss=3 * 2**20))
    monkeypatch.setitem(sys.modules, "resource", usage)
    assert stats_hook.peak_memory_mib() == 3072
    monkeypatch.setattr(stats_hook.sys, "platform", "darwin")
    assert stats_hook.peak_memory_mib() == 3
    monkeypatch.setitem(sys.modules, "resource", None)
    assert stats_hook.peak_memory_mib() is None
    logged = {}
    runner = SimpleNamespace(
        world_size=1,
        optim_wrapper=SimpleNamespace(optimizer=SimpleNamespace(param_groups=[])),
        message_hub=SimpleNamespace(update_scalar=logged.__setitem__),
    )
    TrainingStatsHook().after_train_iter(runner, 0, {"image": range(2)})
    assert list(logged) == ["train/images_per_second"]
