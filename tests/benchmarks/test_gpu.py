"""What benchmarks/gpu.sh counts, keeps and tells, as far as it needs no GPU."""

import json
import sys
import time

import pytest
import torch
from support.commands import run_command
from support.paths import ROOT

from benchmarks.gpu.checks import outcomes
from benchmarks.gpu.flops import model_flops, peak_flops, utilization
from benchmarks.gpu.record import Record
from benchmarks.gpu.report import goals, markdown
from benchmarks.gpu.stereo import epochs_that_fit

STEP = dict(precision="bf16", compiled=True, channels_last=False, step_ms=100.0, peak_gb=30.25)


def prediction(library, precision, images_s):
    row = dict(library=library, arch="vits", batch=16, precision=precision, compiled=False)
    return row | dict(images_s=images_s, step_ms=1e3 / images_s, peak_gb=1.0, mfu=0.1)


RESULTS = dict(
    device="NVIDIA H100 80GB HBM3",
    versions={"torch": "2.11.0", "timm": "1.0"},
    parts=dict(
        train=dict(
            seconds=90.4,
            rows=[
                dict(arch="vitl", batch=11, images_s=110.0, mfu=0.412, **STEP),
                dict(arch="vits", batch=11, images_s=700.0, mfu=None, **STEP),
                dict(arch="vitl", precision="bf16", kernels=[dict(name="gemm", calls=96, ms=12.5, share=0.375)]),
                dict(loader="alone", workers=16, images_s=350.0),
            ],
            failures=[dict(arch="vitl", batch=32, reason="out of memory")],
            not_begun=[dict(arch="vitb", compiled=True)],
        ),
        infer=dict(
            seconds=60.0,
            rows=[
                prediction("transformers", "fp32", 50.0),
                prediction("transformers", "tf32", 80.0),
                prediction("transformers", "bf16", 400.0),
                prediction("mdetools", "tf32", 120.0),
                prediction("mdetools", "bf16", 300.0),
            ],
        ),
        stereo=dict(rows=[dict(test="garg", abs_rel=0.25, table=["predictor d1", "model 0.8"])]),
    ),
)


def test_goals():
    found = {title.partition(":")[0]: (value, reached) for title, value, reached in goals(RESULTS["parts"])}
    assert found == {
        "MFU of a ViT-L training step, bf16 and compiled": (0.412, True),
        "predictions/s, vits, batch 16, tf32 by transformers' fp32": (pytest.approx(2.4), True),
        "predictions/s, vits, batch 16, bf16 by transformers' bf16": (pytest.approx(0.75), False),
        "loader's images/s by the fastest step's of vits": (pytest.approx(0.5), False),
        "loader's images/s by the fastest step's of vitb": (None, None),
        "loader's images/s by the fastest step's of vitl": (pytest.approx(350 / 110), True),
    }
    assert [reached for *_, reached in goals({})] == [None] * 4


def test_markdown():
    text = markdown(RESULTS)
    lines = text.splitlines()
    assert lines[:3] == ["# NVIDIA H100 80GB HBM3", "", "torch 2.11.0, timm 1.0."]
    assert "| MFU of a ViT-L training step, bf16 and compiled: at least 0.35 | 0.41 | yes |" in lines
    assert "| loader's images/s by the fastest step's of vitb: at least 1 | - | not measured |" in lines
    assert "| vitl | 11 | bf16 | yes | no | 110 | 100 | 30.25 | 41.2 % |" in lines
    assert "| vits | 11 | bf16 | yes | no | 700 | 100 | 30.25 | - |" in lines
    assert "| mdetools | vits | 16 | tf32 | no | 120 | 8.33 | 1.00 | 10.0 % | 1.50 |" in lines
    assert "| gemm | 96 | 12.50 | 0.38 |" in lines
    assert "- loader alone, workers 16, images_s 350" in lines
    assert "- failed: arch vitl, batch 32: out of memory" in lines
    assert "- not begun, the time was over: arch vitb, compiled yes" in lines
    assert "      model 0.8" in lines and text.endswith("\n") and not text.endswith("\n\n")


def test_operations_of_the_backbone():
    """All products of ViT-S at 518x518 written out; those of the head are their difference."""
    tokens, channels, patches = 1370, 384, 37 * 37
    block = 24 * tokens * channels**2 + 4 * tokens**2 * channels
    backbone = 12 * block + 2 * patches * 3 * 14 * 14 * channels
    forward, training = (model_flops("vits", 518, training) for training in (False, True))
    head = forward - backbone
    assert 0.2 * backbone < head < backbone
    image_gradient = 2 * patches * 3 * 14 * 14 * channels  # which nobody needs
    assert training == 3 * forward - image_gradient


def test_utilisation():
    assert peak_flops("NVIDIA H100 PCIe", "bf16") == 756e12
    assert peak_flops("NVIDIA H100 80GB HBM3", "tf32") == 494e12
    assert peak_flops("NVIDIA A100-SXM4-80GB", "fp16") == 312e12
    assert utilization(2e12, 100.0, "NVIDIA H200", "bf16") == pytest.approx(0.2022, abs=1e-4)
    assert utilization(2e12, 100.0, "NVIDIA Unheard", "bf16") is None


def test_a_record_keeps_what_was_measured(tmp_path, capsys):
    def run_out(**setting):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    def fail(**setting):
        raise ValueError("two\nlines")

    record = Record(tmp_path / "part.json", seconds=60)
    record.measure(lambda arch: {"images_s": 2.5}, arch="vits")
    record.measure(run_out, arch="vitl")
    record.measure(fail, arch="vitb")
    record.start = time.perf_counter() - 61
    record.measure(fail, arch="late")
    content = json.loads((tmp_path / "part.json").read_text())
    (row,) = content["rows"]
    assert row.pop("took_s") < 60 and row == {"arch": "vits", "images_s": 2.5}
    assert content["failures"] == [
        {"arch": "vitl", "reason": "out of memory"},
        {"arch": "vitb", "reason": "ValueError: two lines"},
    ]
    assert content["not_begun"] == [{"arch": "late"}]
    assert capsys.readouterr().out == "arch=vits images_s=2.5\n"


def test_outcomes_of_pytest():
    log = (
        "tests/gpu/test_a.py::test_b[fp16] PASSED [ 25%]\ntests/gpu/test_a.py::test_c SKIPPED (no GPU) [ 50%]\n"
        "tests/gpu/test_a.py::test_d FAILED [ 75%]\ntests/gpu/test_a.py::test_e ERROR [100%]\n"
        "FAILED tests/gpu/test_a.py::test_d\n"
    )
    failed = ["tests/gpu/test_a.py::test_d", "tests/gpu/test_a.py::test_e"]
    assert outcomes(log) == {"passed": 1, "skipped": 1, "failed": failed}


def test_epochs_that_fit():
    """85 % of the time, less two starts, by an epoch and a fifth of a validation; never more than the config has."""
    assert epochs_that_fit(200.0, start_up=20.0, epoch=1.0, validation=5.0) == 65
    assert epochs_that_fit(1000.0, start_up=20.0, epoch=1.0, validation=5.0) == 100
    assert epochs_that_fit(30.0, start_up=20.0, epoch=1.0, validation=5.0) == 1


@pytest.mark.slow
def test_the_script_refuses_a_machine_without_a_gpu(tmp_path):
    answer = run_command(
        "bash",
        ROOT / "benchmarks" / "gpu.sh",
        "--out",
        tmp_path / "out",
        CUDA_VISIBLE_DEVICES="",
        PYTHON=sys.executable,
    )
    assert answer.returncode == 2 and not (tmp_path / "out").exists()
    assert answer.stderr == ("error: torch sees no CUDA GPU here; --device cpu --tiny is a dry run without one\n")
