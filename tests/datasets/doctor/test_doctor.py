import json

import h5py
import numpy as np
import pytest

from mdetools.datasets import NYUDataset
from mdetools.datasets.doctor import examine, format_report, summarize, suspected_units

PIPELINE = [dict(type="Resize", size=28), dict(type="RandomCrop", size=28), dict(type="PackSample")]


def write(path, depth, rgb=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["rgb"] = np.zeros((3, *depth.shape), np.uint8) if rgb is None else rgb
        file["depth"] = depth.astype(np.float32)


def floor_depth(height=24, width=32, seed=0):
    """Metres 1..5, nearer towards the bottom, with a hole of a quarter of the image."""
    rows = np.linspace(5, 1, height)[:, None] + np.random.default_rng(seed).uniform(0, 0.01, (height, width))
    rows[: height // 2, : width // 2] = 0
    return rows


def report_on(root, workers=0, pipeline=PIPELINE, batch_size=1):
    dataset = NYUDataset(str(root), pipeline=pipeline)
    return summarize(dataset, list(examine(dataset, workers)), batch_size)


def test_a_sound_data_set(tmp_path):
    depths = [floor_depth(seed=seed) for seed in range(6)]
    for index, depth in enumerate(depths):
        write(tmp_path / f"train/a/{index}.h5", depth)
    report = report_on(tmp_path)
    assert report["problems"] == report["unreadable"] == report["all_hole"] == []
    assert report["frames"] == 6
    assert report["shapes"] == {"24x32": 6}
    assert report["pipeline"] == {"24x32": "28x28"}
    assert report["valid_share"] == {"mean": 0.75, "min": 0.75}
    values = np.stack([depth[depth > 0] for depth in depths])
    assert report["depth"]["min"] == pytest.approx(values.min(), rel=1e-6)
    assert report["depth"]["max"] == pytest.approx(values.max(), rel=1e-6)
    assert report["depth"]["median"] == pytest.approx(np.median(np.median(values, axis=1)), rel=1e-6)
    assert json.loads(json.dumps(report)) == report
    assert report_on(tmp_path, workers=2) == report


def test_what_is_wrong_is_listed(tmp_path):
    for index in range(3):
        write(tmp_path / f"train/a/{index}.h5", floor_depth())
    write(tmp_path / "train/b/hole.h5", np.zeros((24, 32)))
    write(tmp_path / "train/b/wide.h5", floor_depth(24, 64))
    (tmp_path / "train/b/cut.h5").write_bytes((tmp_path / "train/a/0.h5").read_bytes()[:700])
    write(tmp_path / "train/b/nan.h5", np.where(floor_depth() > 4, np.nan, floor_depth()))
    report = report_on(tmp_path, pipeline=[dict(type="RandomCrop", size=(24, 40)), dict(type="PackSample")])
    assert report["all_hole"] == ["b/hole"]
    assert [line.split(":")[0].rsplit("/", 1)[-1] for line in report["unreadable"]] == ["cut.h5", "nan.h5"]
    assert report["shapes"] == {"24x32": 4, "24x64": 1}
    assert "smaller than the crop of 24x40" in report["pipeline"]["24x32"]
    assert report["pipeline"]["24x64"] == "24x40"
    assert len(report["problems"]) == 3
    text = format_report("train", report)
    assert "7 (2 unreadable)" in text
    assert text.count("problem: ") == 3


def test_a_set_of_holes_alone(tmp_path):
    for name in "ab":
        write(tmp_path / f"train/{name}.h5", np.zeros((24, 32), np.float32))
    (problem,) = report_on(tmp_path)["problems"]
    assert problem.startswith("all 2 frames are holes alone, expected depth in metres")


def test_sizes_that_do_not_batch(tmp_path):
    write(tmp_path / "train/a/1.h5", floor_depth())
    write(tmp_path / "train/a/2.h5", floor_depth(24, 64))
    pipeline = [dict(type="Resize", size=28), dict(type="PackSample")]
    assert report_on(tmp_path, pipeline=pipeline, batch_size=1)["problems"] == []
    (problem,) = report_on(tmp_path, pipeline=pipeline, batch_size=2)["problems"]
    assert "2 sizes (28x42, 28x70), expected one" in problem


def test_nothing_readable(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train/1.h5").write_bytes(b"")
    report = report_on(tmp_path)
    assert report["depth"] is None
    assert report["valid_share"] is None
    assert len(report["problems"]) == 1
    assert "1 (1 unreadable)" in format_report("train", report)


@pytest.mark.parametrize(
    ("change", "suspicion"),
    [
        (lambda depth: depth * 1000, "millimetres"),
        (lambda depth: np.where(depth > 0, 1 / np.maximum(depth, 1), 0), "inverse depth"),
        (lambda depth: np.where(depth > 0, 200 / np.maximum(depth, 1), 0), "inverse depth"),  # disparity in pixels
        (lambda depth: depth / 5.01, "normalised depth"),
        (lambda depth: depth, None),
        (lambda depth: np.where(depth > 0, 3, 0), None),
    ],
)
def test_suspected_units(tmp_path, change, suspicion):
    for index in range(6):
        write(tmp_path / f"train/a/{index}.h5", change(floor_depth(seed=index)))
    problems = report_on(tmp_path)["problems"]
    assert [suspicion in problem for problem in problems] == ([True] if suspicion else [])


def test_no_frame_no_suspicion():
    assert suspected_units([]) == []


def test_the_tool(tmp_path, run_tool):
    write(tmp_path / "data/train/a/1.h5", floor_depth())
    write(tmp_path / "data/val/a/1.h5", floor_depth())
    loaders = {
        f"{split}_dataloader": dict(
            batch_size=1, dataset=dict(type="NYUDataset", data_root="nowhere", split=split, pipeline=PIPELINE)
        )
        for split in ("train", "val")
    }
    config = tmp_path / "config.py"
    config.write_text("\n".join(f"{key} = {value!r}" for key, value in loaders.items()))

    def call(root):
        options = ["--data-root", root, "--workers", 0, "--out", tmp_path / "report.json"]
        return run_tool("check_dataset", config, *options)

    assert call(tmp_path / "data")[0] == 0
    reports = json.loads((tmp_path / "report.json").read_text())
    assert list(reports) == ["train_dataloader", "val_dataloader"]
    assert reports["train_dataloader"]["shapes"] == {"24x32": 1}

    (tmp_path / "data/val/a/1.h5").write_bytes(b"short")
    code, out, _ = call(tmp_path / "data")
    assert code == 1
    assert "not a readable HDF5 file" in out

    code, _, err = call(tmp_path / "elsewhere")
    assert code == 2
    assert err.startswith(f"error: no folder {tmp_path / 'elsewhere' / 'train'}")
    assert len(err.splitlines()) == 1
