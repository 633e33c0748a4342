"""A relative model of a real kitchen becomes metric by ten frames of it."""

import json

import pytest
from support.paths import REAL_DATA, ROOT
from support.tiny_training import in_child, train

from mdetools.engine.baseline import run_baseline
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing

KITCHEN = REAL_DATA / "nyu"
CONFIG = """
_base_ = ["{root}/configs/dav2/vits_relative.py"]
model = dict(backbone=dict(out_indices=(0, 1, 2, 3)))
_loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=10,
    dataset=dict(data_root="{data}", pipeline=dict(crop=None, photometric=None, resize=dict(size=70))),
    **_loader,
)
_frames = dict(
    type="NYUDataset",
    data_root="{data}",
    split="val",
    pipeline=dict(
        resize=dict(type="Resize", size=70, multiple_of=14, resize_depth=False), pack=dict(type="PackSample")
    ),
)
_part = lambda indices: dict(_delete_=True, type="SubsetDataset", dataset=_frames, indices=indices)
val_dataloader = dict(dataset=_part(list(range(10))), **_loader)
test_dataloader = dict(dataset=_part(list(range(10, 20))), **_loader)
optim_wrapper = dict(optimizer=dict(lr=5e-4), paramwise_cfg=dict(decoder_lr_mult=1.0))
train_cfg = dict(max_epochs=10, val_interval=10)
default_hooks = dict(pictures=None)
visualizer = dict(vis_backends=[])
"""


def score(config, checkpoint, folder):
    """abs_rel on the second ten frames, and the constant predictor's: the training's median, and the first ten's."""
    cfg = load_config(str(config))
    constant, of_training = run_baseline(cfg)
    cfg.train_dataloader.dataset = cfg.val_dataloader.dataset
    _, of_calibration = run_baseline(cfg)
    apply_test_options(cfg, str(checkpoint), str(folder / "test"))
    scores = [run_testing(cfg), of_training, of_calibration]
    (folder / "scores.json").write_text(json.dumps([one["abs_rel"] for one in scores]))


@pytest.mark.slow
def test_a_relative_model_calibrated_on_ten_frames_beats_the_constant_on_others(tmp_path, run_tool):
    """Trained on 139 frames, calibrated on 10 others, scored on 10 more; 0.21 against 0.30 and 0.35 were measured."""
    if not KITCHEN.exists():
        pytest.skip(f"{KITCHEN} is not there")
    config, out = tmp_path / "kitchen.py", tmp_path / "calibrated.pth"
    config.write_text(CONFIG.format(root=ROOT, data=KITCHEN))
    assert in_child(tmp_path / "log", train, config, tmp_path / "run", seconds=900) == 0, (tmp_path / "log").read_text()
    code, told, errors = run_tool("calibrate", config, tmp_path / "run/epoch_10.pth", "--frames", 10, "--out", out)
    assert code == 0, told + errors
    assert in_child(tmp_path / "log", score, out.with_suffix(".py"), out, tmp_path, seconds=300) == 0, (
        tmp_path / "log"
    ).read_text()
    calibrated, *constants = json.loads((tmp_path / "scores.json").read_text())
    assert calibrated < 0.85 * min(constants), (calibrated, constants)
