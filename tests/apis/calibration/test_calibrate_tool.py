"""From a trained model and a few frames to a checkpoint and a config that say the same."""

import json
import shlex
import sys
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
import torch
from support.bent_depth import FACTOR, POWER, write_trained
from support.commands import load_tool
from support.paths import ROOT
from support.tiny_training import in_child

from mdetools.apis import DepthInferencer
from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.cli import run_cli
from mdetools.engine.testing import apply_test_options, run_testing
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return write_trained(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def calibrate(run_tool, tmp_path):
    """Runs the tool; gives its exit code, stdout, stderr, and what it wrote as JSON."""

    def call(pair, *options, out=tmp_path / "calibrated.pth"):
        code, told, errors = run_tool("calibrate", *pair, "--out", out, "--json", tmp_path / "out.json", *options)
        facts = json.loads((tmp_path / "out.json").read_text()) if (tmp_path / "out.json").exists() else None
        return code, told, errors, facts

    return call


def run_test(config, checkpoint, folder):
    cfg = load_config(str(config))
    apply_test_options(cfg, str(checkpoint), str(folder / "test"))
    (folder / "scores.json").write_text(json.dumps(run_testing(cfg)))


def scores_of(config, checkpoint, folder):
    """Means of tools/test.py."""
    assert in_child(folder / "log", run_test, config, checkpoint, folder) == 0, (folder / "log").read_text()
    return json.loads((folder / "scores.json").read_text())


def image_of(trained, index=0):
    with h5py.File(trained.right[0].parent / f"data/val/scene/{index:05d}.h5") as file:
        return file["rgb"][:].transpose(1, 2, 0)


def test_a_scaled_and_bent_depth_is_back_within_2_percent_of_its_own_score(trained, calibrate, tmp_path):
    code, told, errors, facts = calibrate(trained.bent)
    assert code == 0, errors
    own, bent = scores_of(*trained.right, tmp_path), scores_of(*trained.bent, tmp_path)
    back = scores_of(tmp_path / "calibrated.py", tmp_path / "calibrated.pth", tmp_path)
    assert bent["abs_rel"] > 1.3 * own["abs_rel"]
    for name in ("abs_rel", "rmse_log", "silog", "log10"):
        assert back[name] <= 1.02 * own[name], name
    assert facts["fit"]["space"] == "log_depth"
    assert facts["fit"]["scale"] == pytest.approx(1 / POWER, abs=0.02)
    assert facts["fit"]["shift"] == pytest.approx(-np.log(FACTOR) / POWER, abs=0.03)
    assert facts["scores"]["before"]["abs_rel"]["mean"] == pytest.approx(bent["abs_rel"], rel=1e-5)
    assert facts["scores"]["after"]["abs_rel"]["mean"] == pytest.approx(back["abs_rel"], rel=0.03)
    assert "protocol nyu: depth 0.001..10 m" in told and facts["fit"]["formula"] in told
    for name, title in (("before", "before"), ("after", "after, on held-out folds")):
        score = facts["scores"][name]["abs_rel"]
        (line,) = [line for line in told.splitlines() if line.startswith(f"{title} ")]
        assert f"{score['mean']:.4f}" in line and line.endswith("{:.4f}..{:.4f}".format(*score["interval"]))


def test_inference_and_test_give_the_calibrated_depth(trained, calibrate, tmp_path):
    code, _, _, facts = calibrate(trained.bent)
    assert code == 0
    scale, shift = facts["fit"]["scale"], facts["fit"]["shift"]
    before = DepthInferencer(load_config(str(trained.bent[0])), str(trained.bent[1]), "cpu")(image_of(trained))[0].map
    after = DepthInferencer(load_config(str(tmp_path / "calibrated.py")), str(tmp_path / "calibrated.pth"), "cpu")(
        image_of(trained)
    )[0].map
    expected = np.exp(scale * np.log(before.astype(np.float64)) + shift)
    assert np.ptp(before) > 3
    np.testing.assert_allclose(after, expected, rtol=1e-4)


def test_a_relative_model_becomes_metric(trained, calibrate, tmp_path):
    code, told, errors, facts = calibrate(trained.relative)
    assert code == 0, errors
    assert (facts["fit"]["space"], facts["compared_with"]) == ("inverse_depth", "constant")
    assert (facts["fit"]["scale"], facts["fit"]["shift"]) == pytest.approx((0.3, 0.05), abs=0.015)
    own = scores_of(*trained.right, tmp_path)
    metric = scores_of(tmp_path / "calibrated.py", tmp_path / "calibrated.pth", tmp_path)
    assert metric["abs_rel"] <= 1.02 * own["abs_rel"]
    assert metric["abs_rel"] < 0.5 * facts["scores"]["constant"]["abs_rel"]["mean"]
    depth = DepthInferencer(load_config(str(tmp_path / "calibrated.py")), str(tmp_path / "calibrated.pth"), "cpu")
    assert [result.quantity for result in depth(image_of(trained))] == ["depth"]


def check_export(folder):
    """In a process of its own: after an export no child that a test forks could train."""
    cfg = load_config(str(folder / "calibrated.py"))
    model = MODELS.build(cfg.model).eval()
    load_whole(model, folder / "calibrated.pth")

    class Depth(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, image):
            return self.model(image, mode="tensor")["depth"]

    image = torch.randn(1, 3, 28, 42, generator=torch.Generator().manual_seed(0))
    exported = torch.export.export(Depth().eval(), (torch.zeros_like(image),)).module()
    with torch.inference_mode():
        expected = model(image)["depth"]
        assert expected.std() > 0.1
        torch.testing.assert_close(exported(image), expected)
        model.head.output = model.head.output.output
        (uncalibrated,) = (value for key, value in model(image).items() if key != "features")
    assert (uncalibrated - expected).abs().max() > 0.1


@pytest.mark.parametrize("kind", ["bent", "relative"])
def test_an_exported_program_gives_what_the_calibrated_model_gives(trained, calibrate, tmp_path, kind):
    assert calibrate(getattr(trained, kind))[0] == 0
    assert in_child(tmp_path / "log", check_export, tmp_path) == 0, (tmp_path / "log").read_text()


def test_a_model_that_is_right_is_left_alone(trained, calibrate, tmp_path):
    code, told, errors, facts = calibrate(trained.right)
    assert (code, facts["kept"]) == (1, False)
    assert facts["refusal"].startswith("not better on held-out folds: abs_rel ")
    assert f"refused, nothing is written: {facts['refusal']}" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--frames", 4], "too few frames, 4 with valid pixels: of 4 frames, 0 have no valid pixel in 0.001..10 m; 5"),
        (["--split", "train"], "too few frames, 3 with valid pixels"),
        (["--protocol", "kitti_garg_50", "--cfg-options", "test_dataloader=None"], None),
    ],
)
def test_too_few_frames_are_refused(trained, calibrate, options, reason):
    code, told, _, facts = calibrate(trained.bent, *options)
    assert code == (1 if reason else 0)
    assert reason is None or reason in facts["refusal"]


def test_a_folder_of_its_own_options_and_any_name(trained, calibrate, run_tool, tmp_path):
    """The config works from where it stands, with the options of the call in it."""
    out = tmp_path / "a folder/it's.pth"
    options = ["model.head.output.max_depth=9.5", "test_dataloader.dataset.pipeline.resize.size=14"]
    code, _, errors, _ = calibrate(trained.bent, "--weights-as-is", "--cfg-options", *options, out=out)
    assert code == 0, errors
    cfg = load_config(str(out.with_suffix(".py")))
    assert cfg.model.head.output.output.max_depth == 9.5
    assert cfg.test_dataloader.dataset.pipeline.resize.size == 14
    assert cfg.get("weights_as_is") is None
    load_whole(MODELS.build(cfg.model), out)


@pytest.mark.parametrize(
    ("out", "line"),
    [
        ("{folder}/x.pt", "expected a name that ends in .pth"),
        ("{data}/bent.pth", "would replace '{data}/bent."),
        ("{data}/right.pth", None),
    ],
)
def test_what_is_read_is_not_replaced(trained, run_tool, tmp_path, out, line):
    folder = trained.bent[0].parent
    path = out.format(folder=tmp_path, data=folder)
    if line is None:
        pair = (trained.bent[0], tmp_path / "other.pth")
        pair[1].write_bytes(trained.bent[1].read_bytes())
        code, _, errors = run_tool("calibrate", folder / "right.py", pair[1], "--out", path)
        line = "would replace '{data}/right.py'"
    else:
        code, _, errors = run_tool("calibrate", *trained.bent, "--out", path)
    assert code == 2 and line.format(data=folder) in errors and errors.count("\n") == 1


def test_neither_bases_nor_files_of_others_are_replaced(trained, run_tool, tmp_path):
    base, child = tmp_path / "base.py", tmp_path / "child.py"
    base.write_text(f"_base_ = [{str(trained.bent[0])!r}]\n")
    child.write_text("_base_ = ['./base.py']\n")
    (tmp_path / "notes.py").write_text("mine = 1\n")
    (tmp_path / "weights.pth").write_bytes(b"mine")
    for name, line in (
        ("base", f"would replace '{base}', which it is made from"),
        ("notes", f"would replace '{tmp_path / 'notes.py'}', which no calibration wrote"),
        ("weights", f"would replace '{tmp_path / 'weights.pth'}', which no calibration wrote"),
    ):
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        code, _, errors = run_tool("calibrate", child, trained.bent[1], "--out", tmp_path / f"{name}.pth")
        assert code == 2 and line in errors
        assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for _ in range(2):  # its own files it does replace
        assert run_tool("calibrate", child, trained.bent[1], "--out", tmp_path / "mine.pth")[0] == 0


def test_the_commands_of_the_page_run(trained, run_tool, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("photo.jpg", image_of(trained))
    config, checkpoint = trained.relative
    meant = {"configs/dav2/vits_relative.py": config, "relative.pth": checkpoint, "data/mine": config.parent / "data"}
    block = (ROOT / "docs/calibration.md").read_text().split("```")[1]
    commands = [shlex.split(line) for line in block.splitlines()[1:]]
    for _, tool, *words in commands:
        words = [meant.get(word, word) for word in words]
        if tool == "tools/test.py":
            assert in_child(tmp_path / "log", call_tool, words) == 0, (tmp_path / "log").read_text()
        else:
            code, told, errors = run_tool(Path(tool).stem, *words)
            assert code == 0, told + errors
    assert [Path(tool).name for _, tool, *_ in commands] == ["calibrate.py", "test.py", "infer.py"]
    log = (tmp_path / "log").read_text()
    assert "protocol nyu_lstsq_disparity_unaligned" in log and "95 % bootstrap intervals" in log
    assert 0.5 < np.load("out/photo.npy").mean() < 10


def call_tool(words):
    sys.argv = ["test.py", *map(str, words)]
    tool = load_tool("test")
    run_cli(tool.main, tool.parse_args())


def test_a_file_and_a_config_that_do_not_belong_together(trained, calibrate, run_tool, tmp_path):
    """Refused by inference, and as they are with the config's output."""
    assert calibrate(trained.bent)[0] == 0
    cv2.imwrite(str(tmp_path / "photo.png"), image_of(trained))
    pairs = {
        "calibrated": (tmp_path / "calibrated.py", tmp_path / "calibrated.pth"),
        "file alone": (trained.bent[0], tmp_path / "calibrated.pth"),
        "config alone": (tmp_path / "calibrated.py", trained.bent[1]),
        "neither": trained.bent,
    }
    depth = {}
    for name, pair in pairs.items():
        call = ("infer", *pair, tmp_path / "photo.png", "--save-npy", "--out", tmp_path / name)
        if "alone" in name:
            code, _, errors = run_tool(*call)
            assert code == 2 and "was made for another model: model.head.output.type is '" in errors
        assert run_tool(*call, "--weights-as-is")[0] == 0
        depth[name] = np.load(tmp_path / name / "photo.npy")
    np.testing.assert_array_equal(depth["file alone"], depth["neither"])
    np.testing.assert_array_equal(depth["config alone"], depth["calibrated"])
    assert np.abs(depth["calibrated"] - depth["neither"]).max() > 0.3


@pytest.mark.parametrize("frames", ["0", "-3", "few", "2.5", ""])
def test_a_number_of_frames_that_is_none(trained, run_tool, monkeypatch, capsys, frames):
    monkeypatch.setattr(sys, "argv", ["calibrate.py", *map(str, trained.bent), "--out", "x.pth", f"--frames={frames}"])
    with pytest.raises(SystemExit) as caught:
        load_tool("calibrate").parse_args()
    assert caught.value.code == 2
    assert f"expected a whole number from 1 on, or all, got '{frames}'" in capsys.readouterr().err
