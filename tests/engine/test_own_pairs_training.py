"""configs/garg/alexnet_own_pairs.py trains on pairs in folders, with a disparity to score on or without any."""

import json

import pytest
from support.paths import ROOT
from support.stereo_pairs import write_pairs
from support.tiny_training import in_child, train


@pytest.fixture
def config(tmp_path):
    """One epoch of two iterations on a tiny backbone, and the folder of the pairs."""
    write_pairs(tmp_path / "pairs/train", ("a/1", "a/2", "b/1", "b/2"), disparity=False)
    path = tmp_path / "own.py"
    path.write_text(f"""
_base_ = ["{ROOT}/configs/garg/alexnet_own_pairs.py"]
model = dict(backbone=dict(_delete_=True, type="TimmBackbone", name="test_resnet"))
train_cfg = dict(max_epochs=1, val_interval=1)
_loader = dict(num_workers=0, persistent_workers=False)
_data = dict(data_root="{tmp_path}/pairs", pipeline=dict(resize=dict(size=(64, 128))))
train_dataloader = dict(batch_size=2, dataset=_data, **_loader)
val_dataloader = dict(dataset=_data, **_loader)
test_dataloader = val_dataloader
visualizer = dict(vis_backends=[])
default_hooks = dict(pictures=None)
""")
    return path


def test_scored_on_its_disparity(config, tmp_path):
    write_pairs(tmp_path / "pairs/val")
    (tmp_path / "pairs/calib.txt").write_text("focal = 60\nbaseline = 0.5\n")
    scores = tmp_path / "scores.json"
    options = {"val_evaluator.out_file": str(scores)}
    assert in_child(tmp_path / "log", train, config, tmp_path / "run", options) == 0, (tmp_path / "log").read_text()
    written = json.loads(scores.read_text())
    assert written["protocol"]["name"] == "own_pairs"
    assert [row["id"] for row in written["per_image"]] == ["a/1", "a/2", "b/1"]
    assert {row["valid_pixels"] for row in written["per_image"]} == {29 * 64}  # the first row is not known
    # The head begins at no disparity, so that a step later the plane of 5 m is still taken for the cap of 80 m.
    assert written["mean"]["mae"] == pytest.approx(75, abs=5)


def test_without_cameras_and_without_any_truth(config, tmp_path):
    """As docs/stereo.md says."""
    nothing = dict.fromkeys(["val_dataloader", "val_evaluator", "val_cfg", "default_hooks.checkpoint.best"])
    assert in_child(tmp_path / "log", train, config, tmp_path / "run", nothing) == 0, (tmp_path / "log").read_text()
    assert (tmp_path / "run" / "epoch_1.pth").is_file()
