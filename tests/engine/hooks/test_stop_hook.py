"""SIGTERM costs no step: the checkpoint is of the last one, the exit code 143, and the resumed run ends as if whole."""

import argparse

import pytest
from support.moments import read_moments
from support.tiny_training import in_child, in_two_processes, train

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.process.cli import run_cli
from mdetools.weights.files import read_checkpoint

PLAIN = {
    "custom_imports.imports": ["support.tiny_training", "support.moments"],
    "visualizer.vis_backends": [],
    "default_hooks.pictures": None,
    "default_hooks.checkpoint.interval_iters": None,
    "model.backbone.drop_path_rate": 0.3,
}
EMA = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1}}
RARE = {"default_hooks.checkpoint.interval_epochs": 5}
ACCUMULATION = {"optim_wrapper.accumulative_counts": 2}


def as_a_script(config, folder, options, resume, launcher):
    run_cli(lambda args: train(config, folder, options, resume, launcher), argparse.Namespace(debug=False))


def run(start, config, folder, options, resume=None):
    """Exit code, the log, and the moments of a run; in two processes of rank 0."""
    folder.mkdir(exist_ok=True)
    log, moments = folder / f"{resume}.log", folder / f"{resume}.moments"
    launcher = "none" if start is in_child else "pytorch"
    hooks = {"moments": {"type": "MomentsHook", "file": str(moments)}, **options.get("custom_hooks", {})}
    code = start(log, as_a_script, config, folder, PLAIN | options | {"custom_hooks": hooks}, resume, launcher)
    return code, log.read_text(), read_moments(moments)


def sigterm(moment, iteration, rank=0):
    return {"custom_hooks": {"end": dict(type="SigtermHook", moment=moment, iteration=iteration, rank=rank)}}


def same_end(left, right):
    left, right = (read_checkpoint(folder / "epoch_2.pth") for folder in (left, right))
    assert left["meta"]["iter"] == right["meta"]["iter"]
    assert all(left["state_dict"][key].equal(right["state_dict"][key]) for key in left["state_dict"])
    states = (one["parts"]["optim_wrapper"]["state"] for one in (left, right))
    for one, other in zip(*(state.values() for state in states), strict=True):
        assert one["exp_avg"].equal(other["exp_avg"])


@pytest.mark.parametrize(
    ("options", "moment", "sent", "stops"),
    [
        ({}, "step", 1, 2),
        pytest.param({}, "step", 4, 5, marks=pytest.mark.slow),
        pytest.param({}, "step", 2, 3, marks=pytest.mark.slow),  # the last step of an epoch
        pytest.param(EMA | RARE, "validation", 3, 3, marks=pytest.mark.slow),
        # between two gradients of one step: over the epoch's end
        pytest.param(ACCUMULATION, "step", 2, 4, marks=pytest.mark.slow),
    ],
)
def test_no_step_is_lost(tiny_nyu, tmp_path, options, moment, sent, stops):
    code, log, moments = run(in_child, tiny_nyu, tmp_path / "run", options | sigterm(moment, sent))
    assert code == 143
    assert moments[-1][1] == stops and not any(name == "end" for name, _ in moments)
    written = last_checkpoint(tmp_path / "run").name
    assert f"SIGTERM: the training stops after iteration {stops}; {written} is its checkpoint" in log
    assert "terminated" not in log and "Traceback" not in log
    code, log, moments = run(in_child, tiny_nyu, tmp_path / "run", options, "auto")
    assert code == 0 and moments[0] == ("begin", stops)
    assert run(in_child, tiny_nyu, tmp_path / "whole", options)[0] == 0
    same_end(tmp_path / "run", tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_one_rank_is_told_and_all_stop_at_the_same_step(tiny_nyu, tmp_path, rank):
    code, log, moments = run(in_two_processes, tiny_nyu, tmp_path / "run", sigterm("step", 0, rank))
    assert code == 143
    assert moments[-1][1] == 2  # told in the first step, known to all after the second
    assert log.count("SIGTERM: the training stops after iteration 2; epoch_1.pth is its checkpoint") == 1
    code, log, moments = run(in_two_processes, tiny_nyu, tmp_path / "run", {}, "auto")
    assert code == 0 and moments[0] == ("begin", 2)
    assert run(in_two_processes, tiny_nyu, tmp_path / "whole", {})[0] == 0
    same_end(tmp_path / "run", tmp_path / "whole")


def test_without_a_checkpoint_hook_it_stops_all_the_same(tiny_nyu, tmp_path):
    code, log, _ = run(in_child, tiny_nyu, tmp_path / "run", sigterm("step", 1) | {"default_hooks.checkpoint": None})
    assert code == 143
    assert "SIGTERM: the training stops after iteration 2; it has no checkpoint" in log
