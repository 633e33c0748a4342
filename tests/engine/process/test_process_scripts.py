"""The shell scripts that start several processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.tiny_training import ROOT


def run(script, *arguments, **environment):
    """Runs a script of tools/ with this interpreter as `python`."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    paths = {"PATH": path, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    return subprocess.run(
        ["bash", ROOT / "tools" / script, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | paths | environment,
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_a_mistake_in_two_processes_is_one_line_and_code_2(tmp_path):
    config = "configs/dav2/vits_nyu.py"
    wrong = run("dist_train.sh", config, 2, "--work-dir", tmp_path / "run", "--cfg-options", "model.hed.features=8")
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "error: config: model (Estimator) has the key 'hed', which nothing reads; did you mean 'head'?\n"
    )


def test_two_processes_train_and_test(tiny_nyu, tmp_path):
    options = ["--work-dir", tmp_path, "--cfg-options", "train_cfg.max_epochs=1", "visualizer.vis_backends=[]"]
    trained = run("dist_train.sh", tiny_nyu, 2, *options)
    assert trained.returncode == 0, trained.stderr
    tested = run("dist_test.sh", tiny_nyu, tmp_path / "best_abs_rel.pth", 2, *options)
    assert tested.returncode == 0, tested.stderr
    assert (tmp_path / "results.json").is_file()


@pytest.mark.parametrize("arguments", [("c.py", 2, "model.pth"), ("c.py", "model.pth", "0")])
def test_swapped_arguments_get_the_usage(arguments):
    wrong = run("dist_test.sh", *arguments)
    assert wrong.returncode == 2
    assert wrong.stderr == (
        f"error: GPUS is '{arguments[2]}', expected a whole number of at least 1; "
        "usage: tools/dist_train.sh CONFIG GPUS [ARGS], tools/dist_test.sh CONFIG CKPT GPUS [ARGS]\n"
    )


@pytest.mark.parametrize("script, usage", [("dist_train.sh", "CONFIG GPUS"), ("dist_test.sh", "CONFIG CKPT GPUS")])
def test_too_few_arguments_get_the_usage(script, usage):
    wrong = run(script, "c.py")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(f"error: usage: tools/{script} {usage} [ARGS of ") and wrong.stderr.count("\n") == 1


def test_slurm_shares_the_cores_out(tmp_path):
    srun = tmp_path / "srun"
    srun.write_text('#!/bin/sh\necho "$OMP_NUM_THREADS $MKL_NUM_THREADS" "$@"\n')
    srun.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CPUS_PER_TASK": "3", "OMP_NUM_THREADS": ""}
    started = run("slurm_train.sh", "part", "job", "c.py", **environment)
    assert started.stdout.startswith("3 3 -p part --job-name job")
    assert "--cpus-per-task 3" in started.stdout
