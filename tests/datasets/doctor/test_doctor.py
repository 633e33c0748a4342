import json

import cv2
import h5py
import numpy as np
import pytest
from support.doctored import random_texture

from mdetools.datasets import NYUDataset
from mdetools.datasets.doctor import examine, format_report, summarize
from mdetools.datasets.doctor.examination import sampled_frames

PIPELINE = [dict(type="Resize", size=28), dict(type="RandomCrop", size=28), dict(type="PackSample")]


def write(path, depth, rgb=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = sum(map(ord, str(path.name)))
    with h5py.File(path, "w") as file:
        texture = random_texture(np.random.default_rng(seed), *depth.shape)
        file["rgb"] = texture.transpose(2, 0, 1) if rgb is None else rgb
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
    assert report["findings"] == []
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


def test_a_sample_of_many_frames_has_neighbours_in_it():
    chosen = sampled_frames(100_000)
    assert len(chosen) == 256 and {0, 1, 99_998, 99_999} <= chosen
    assert all({index - 1, index + 1} & chosen for index in chosen)
    assert sampled_frames(256) == set(range(256))


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
    found = {finding["check"]: finding for finding in report["findings"]}
    assert set(found) == {"unreadable", "not_finite", "all_holes", "pipeline", "same_depth"}
    assert "the option `holes`" in found["not_finite"]["line"]
    assert found["all_holes"]["severity"] == "warning" and found["all_holes"]["frames"] == ["b/hole"]
    assert [found[name]["severity"] for name in ("unreadable", "not_finite", "pipeline")] == ["error"] * 3
    text = format_report("train", report)
    assert "7 (2 unreadable)" in text
    assert text.count("error: [") == 4 and text.count("warning: [") == 1


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
    assert [finding["check"] for finding in report["findings"]] == ["unreadable"]
    assert "1 (1 unreadable)" in format_report("train", report)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda depth: depth * 1000, "units"),  # without a range in the config
        (lambda depth: np.where(depth > 0, 1 / np.maximum(depth, 1), 0), "inverse_depth"),
        (lambda depth: np.where(depth > 0, 200 / np.maximum(depth, 1), 0), "inverse_depth"),  # disparity in pixels
        (lambda depth: depth / 5.01, None),  # it may be small scenes: no range says that it is not
        (lambda depth: depth, None),
    ],
)
def test_what_the_values_alone_say(tmp_path, change, expected):
    for index in range(6):
        write(tmp_path / f"train/a/{index}.h5", change(floor_depth(seed=index)))
    findings = report_on(tmp_path)["findings"]
    assert [finding["check"] for finding in findings] == ([expected] if expected else [])


def write_config(path):
    loaders = {
        f"{split}_dataloader": dict(
            batch_size=1, dataset=dict(type="NYUDataset", data_root="nowhere", split=split, pipeline=PIPELINE)
        )
        for split in ("train", "val")
    }
    path.write_text("\n".join(f"{key} = {value!r}" for key, value in loaders.items()))
    return path


def test_the_tool(tmp_path, run_tool):
    write(tmp_path / "data/train/a/1.h5", floor_depth())
    write(tmp_path / "data/val/a/2.h5", floor_depth(seed=1))
    config = write_config(tmp_path / "config.py")

    def call(root, *options):
        return run_tool("check_dataset", config, "--data-root", root, "--workers", 0, *options)

    assert call(tmp_path / "data", "--json", tmp_path / "report.json", "--strict")[0] == 0
    reports = json.loads((tmp_path / "report.json").read_text())
    assert list(reports) == ["train_dataloader", "val_dataloader"]
    assert reports["train_dataloader"]["shapes"] == {"24x32": 1}

    write(tmp_path / "data/val/a/1.h5", floor_depth())  # which train has too: a warning
    assert call(tmp_path / "data", "--out", tmp_path / "old.json")[0] == 0
    (finding,) = json.loads((tmp_path / "old.json").read_text())["val_dataloader"]["findings"]
    assert (finding["check"], finding["severity"], finding["frames"]) == ("leakage", "warning", ["a/1"])
    code, out, _ = call(tmp_path / "data", "--strict")
    assert code == 1 and "warning: [leakage] 1 of 2 images is in train_dataloader too (e.g. a/1, there a/1)" in out

    (tmp_path / "data/val/a/1.h5").write_bytes(b"short")
    code, out, _ = call(tmp_path / "data")
    assert code == 2
    assert "error: [unreadable]" in out and "not a readable HDF5 file" in out

    code, _, err = call(tmp_path / "elsewhere")
    assert code == 2
    assert err.startswith(f"error: no folder {tmp_path / 'elsewhere' / 'train'}")
    assert len(err.splitlines()) == 1


def test_the_picture_of_the_worst_frames(tmp_path, run_tool):
    """It shows the image of the frame that is named, and is left out where there is nothing to show."""
    for index in range(3):
        write(tmp_path / f"data/train/a/{index}.h5", floor_depth(seed=index))
        write(tmp_path / f"data/val/a/{3 + index}.h5", floor_depth(seed=3 + index))
    options = [write_config(tmp_path / "config.py"), "--data-root", tmp_path / "data", "--workers", 0]
    code, out, _ = run_tool("check_dataset", *options, "--picture", tmp_path / "worst.png")
    assert code == 0 and "worst.png: not written" in out and not (tmp_path / "worst.png").exists()
    red = np.zeros((3, 24, 32), np.uint8)
    red[0] = 200
    write(tmp_path / "data/train/a/1.h5", floor_depth(seed=1), red)
    _, out, _ = run_tool("check_dataset", *options, "--picture", tmp_path / "worst.png")
    assert "worst.png: 1 findings, each with its worst frame" in out
    picture = cv2.imread(str(tmp_path / "worst.png"))
    tile = (picture == [0, 0, 200]).all(-1)
    assert tile.sum() == 240 * 320  # of its image; blue comes first
