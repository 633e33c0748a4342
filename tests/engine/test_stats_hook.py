"""Throughput and memory as they are logged."""

import resource
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mdetools.engine.hooks import TrainingStatsHook, stats_hook


def test_images_a_second_count_all_processes_and_no_validation(monkeypatch):
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
    assert [value for name, value in logged if name == "train/encoder_lr"] == [1e-6] * 3
    assert [value for name, value in logged if name == "train/1_lr"] == [1e-5] * 3


def test_peak_memory_grows_by_what_is_taken():
    before = stats_hook.peak_memory_mib()
    assert before == pytest.approx(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rel=0.01)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    taken = int(before - resident) + 200  # what is free below the peak does not count
    block = np.ones(taken * 2**20, dtype=np.uint8)
    assert stats_hook.peak_memory_mib() - before == pytest.approx(200, abs=40)
    del block
