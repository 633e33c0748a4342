"""Each tool refuses weights that say they were made for another model, and takes them with --weights-as-is."""

import sys

import cv2
import numpy as np
import pytest
import torch
from support.commands import load_tool
from support.tiny_training import in_child
from support.weight_files import hugging_face_folder, tiny_peer

from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.cli import run_cli
from mdetools.registry import MODELS

DEPTH = "model.head.output.max_depth"
TOLD = {
    "checkpoint": f"{DEPTH} is 80.0 in the file and 10.0 in the config; set {DEPTH}=80.0, or load it all the same",
    "relative": "model.head.output.type is 'ReluInverseDepth' in the file and 'SigmoidDepth' in the config",
}


def call(name, *arguments):
    tool = load_tool(name)
    sys.argv = [f"{name}.py", *map(str, arguments)]
    run_cli(tool.main, tool.parse_args())


@pytest.fixture(scope="module")
def checkpoint(tiny_nyu, tmp_path_factory):
    """A checkpoint of the tiny model that was trained with max_depth=80."""
    cfg = load_config(str(tiny_nyu), {DEPTH: 80.0})
    path = tmp_path_factory.mktemp("weights") / "epoch_2.pth"
    meta = {"mdetools_version": "1.0", "cfg": cfg.pretty_text}
    torch.save({"meta": meta, "state_dict": MODELS.build(cfg.model).state_dict()}, path)
    return path


@pytest.fixture(scope="module")
def relative(tmp_path_factory):
    return hugging_face_folder(tmp_path_factory.mktemp("relative"), tiny_peer(metric=False))


def commands(config, folder, weights, options=()):
    cv2.imwrite(str(folder / "photo.png"), np.random.default_rng(0).integers(0, 255, (40, 56, 3), dtype=np.uint8))
    run = ("--work-dir", folder / "run", "--cfg-options", "default_hooks.pictures=None", "train_cfg.max_epochs=1")
    return {
        "load_from": ("train", config, *options, *run, f"load_from={weights}"),
        "pretrained": (
            "train", config, *options, *run, f"pretrained.checkpoint={weights}", "pretrained.encoder_only=False",
        ),
        "test": ("test", config, weights, *options, *run),
        "infer": ("infer", config, weights, folder / "photo.png", *options, "--out", folder / "out"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("how", "file"),
    [("load_from", "checkpoint"), ("pretrained", "checkpoint"), ("test", "checkpoint"), ("infer", "relative")],
)
def test_every_tool_refuses_and_takes_them_as_they_are(request, tiny_nyu, tmp_path, how, file):
    weights, log = request.getfixturevalue(file), tmp_path / "log"
    told = TOLD[file]
    assert in_child(log, call, *commands(tiny_nyu, tmp_path, weights)[how]) == 2, log.read_text()
    (line,) = [line for line in log.read_text().splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: '{weights}' was made for another model: ") and told in line
    assert "Traceback" not in log.read_text()
    log.unlink()
    as_is = commands(tiny_nyu, tmp_path, weights, ["--weights-as-is"])[how]
    assert in_child(log, call, *as_is) == 0, log.read_text()
    assert log.read_text().count(f"'{weights}' is loaded as it is, though ") == 1


def test_the_configs_own_key_does_the_same(tiny_nyu, checkpoint, tmp_path):
    command = commands(tiny_nyu, tmp_path, checkpoint)["infer"]
    assert in_child(tmp_path / "log", call, *command, "--cfg-options", "weights_as_is=True") == 0
    assert in_child(tmp_path / "log", call, *command, "--overwrite", "--cfg-options", f"{DEPTH}=80.0") == 0
    assert (tmp_path / "log").read_text().count("is loaded as it is") == 1


def test_infer_tells_what_a_bare_file_does_not_say(tiny_nyu, checkpoint, tmp_path):
    bare = tmp_path / "bare.pth"
    torch.save(torch.load(checkpoint, weights_only=True)["state_dict"], bare)
    assert in_child(tmp_path / "log", call, *commands(tiny_nyu, tmp_path, bare)["infer"]) == 0
    (line,) = [line for line in (tmp_path / "log").read_text().splitlines() if "does not say" in line]
    assert line.startswith(f"'{bare}' does not say for which model.backbone.out_indices") and DEPTH in line
