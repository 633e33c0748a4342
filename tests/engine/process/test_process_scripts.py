"""The shell scripts that start several processes."""

import json
import os
import re

import pytest
from support.commands import run_command
from support.paths import ROOT


def run_script(script, *arguments, **environment):
    """Runs a script of tools/."""
    return run_command("bash", ROOT / "tools" / script, *arguments, **environment)


def test_a_mistake_in_two_processes_is_one_line_and_code_2(tmp_path):
    config = "configs/dav2/vits_nyu.py"
    wrong = run_script(
        "dist_train.sh", config, 2, "--work-dir", tmp_path / "run", "--cfg-options", "model.hed.features=8"
    )
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "error: config: model (Estimator) has the key 'hed', which nothing reads; did you mean 'head'?\n"
    )


@pytest.mark.slow
def test_two_processes_train_and_test(tiny_nyu, tmp_path):
    options = ["--work-dir", tmp_path, "--cfg-options", "train_cfg.max_epochs=1", "visualizer.vis_backends=[]"]
    trained = run_script("dist_train.sh", tiny_nyu, 2, *options)
    assert trained.returncode == 0, trained.stderr
    tested = run_script("dist_test.sh", tiny_nyu, tmp_path / "best_abs_rel.pth", 2, *options)
    assert tested.returncode == 0, tested.stderr
    best = float(re.findall(r"best abs_rel so far: (\S+)", trained.stdout + trained.stderr)[-1])
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["num_images"] == 5 and found["mean"]["abs_rel"] == pytest.approx(best, abs=6e-5)


@pytest.mark.parametrize("arguments", [("c.py", 2, "model.pth"), ("c.py", "model.pth", "0")])
def test_swapped_arguments_get_the_usage(arguments):
    wrong = run_script("dist_test.sh", *arguments)
    assert wrong.returncode == 2
    assert wrong.stderr == (
        f"error: GPUS is '{arguments[2]}', expected a whole number of at least 1; "
        "usage: tools/dist_train.sh CONFIG GPUS [ARGS], tools/dist_test.sh CONFIG CKPT GPUS [ARGS]\n"
    )


@pytest.mark.parametrize("script, usage", [("dist_train.sh", "CONFIG GPUS"), ("dist_test.sh", "CONFIG CKPT GPUS")])
def test_too_few_arguments_get_the_usage(script, usage):
    wrong = run_script(script, "c.py")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(f"error: usage: tools/{script} {usage} [ARGS of ") and wrong.stderr.count("\n") == 1


def test_slurm_shares_the_cores_out(tmp_path):
    srun = tmp_path / "srun"
    srun.write_text('#!/bin/sh\necho "$OMP_NUM_THREADS $MKL_NUM_THREADS" "$@"\n')
    srun.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CPUS_PER_TASK": "3", "OMP_NUM_THREADS": ""}
    started = run_script("slurm_train.sh", "part", "job", "c.py", **environment)
    assert started.stdout.startswith("3 3 -p part --job-name job")
    assert "--cpus-per-task 3" in started.stdout
