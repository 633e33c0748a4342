"""Stereo training stage by stage resumes, runs in two processes and shows its panels, as all training does."""

import cv2
import pytest
import torch
from support.kitti_layout import DRIVE, write_kitti
from support.paths import ROOT
from support.tiny_training import in_child, in_two_processes, train
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.weights.files import read_checkpoint

QUIET = {"visualizer.vis_backends": [], "default_hooks.pictures": None}


@pytest.fixture(scope="module")
def tiny_kitti(tmp_path_factory):
    """A config on top of configs/garg/alexnet_kitti.py: 2 epochs of 2 iterations, in two stages, on a tiny backbone."""
    folder = tmp_path_factory.mktemp("kitti")
    write_kitti(folder / "data", numbers=(3, 4, 12, 20))
    (folder / "data" / "val.txt").write_text(f"{DRIVE} 3 l\n{DRIVE} 4 r\n{DRIVE} 12 l\n")
    path = folder / "config.py"
    path.write_text(f"""
_base_ = ["{ROOT}/configs/garg/alexnet_kitti.py"]
model = dict(backbone=dict(_delete_=True, type="TimmBackbone", name="test_resnet"))
train_cfg = dict(max_epochs=2, val_interval=1)
_resize = dict(resize=dict(size=(64, 128)))
_loader = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(batch_size=2, dataset=dict(data_root="{folder}/data", pipeline=_resize), **_loader)
val_dataloader = dict(dataset=dict(data_root="{folder}/data", pipeline=_resize), **_loader)
test_dataloader = val_dataloader
default_hooks = dict(
    stages=dict(begin=(0.0, 0.5)),
    logger=dict(interval=1),
    checkpoint=dict(interval_iters=1, max_keep=4),
    pictures=dict(images=1),
)
""")
    return path


def state_after(work_dir, name="epoch_2.pth"):
    return read_checkpoint(work_dir / name)["state_dict"]


@pytest.mark.parametrize(("run", "launcher", "per_process"), [(in_child, "none", 2), (in_two_processes, "pytorch", 1)])
def test_killed_in_the_second_stage_and_resumed(tiny_kitti, tmp_path, run, launcher, per_process):
    """In two processes the distributed wrapper was made again when the stage began."""
    options = QUIET | {"train_dataloader.batch_size": per_process}
    log = tmp_path / "log"
    assert run(log, train, tiny_kitti, tmp_path / "whole", options, None, launcher) == 0, log.read_text()
    kill = {"custom_hooks": [{"type": "KillHook", "moment": "step", "iteration": 3}]}
    broken = options | kill | {"custom_imports": {"imports": ["support.tiny_training"], "allow_failed_imports": False}}
    assert run(log, train, tiny_kitti, tmp_path / "broken", broken, None, launcher) == -9
    assert last_checkpoint(tmp_path / "broken").name in ("iter_3.pth", "epoch_1.pth")
    assert run(log, train, tiny_kitti, tmp_path / "broken", options, "auto", launcher) == 0, log.read_text()
    whole, resumed = state_after(tmp_path / "whole"), state_after(tmp_path / "broken")
    assert [key for key in whole if not torch.equal(whole[key], resumed[key])] == []

    first = state_after(tmp_path / "whole", "epoch_1.pth")
    moved = {key for key in whole if key.startswith("head.") and not torch.equal(whole[key], first[key])}
    assert moved == {f"head.{name}" for name in ("conv7.weight", "conv7.bias")} | {
        f"head.skips.{i}.{name}" for i in (0, 1) for name in ("weight", "bias")
    }
    assert first["head.skips.0.weight"].abs().max() > 0 == first["head.skips.1.weight"].abs().max()


def test_panels_show_the_pair(tiny_kitti, tmp_path):
    log = tmp_path / "log"
    assert in_child(log, train, tiny_kitti, tmp_path) == 0, log.read_text()
    (events,) = tmp_path.glob("**/events.out*")
    accumulator = EventAccumulator(str(events), size_guidance={"images": 0}).Reload()
    (tag,) = accumulator.Tags()["images"]
    shown = accumulator.Images(tag)
    assert [image.step for image in shown] == [2, 4]
    # Two rows of up to four tiles of 139x277 at 64x128; the one row of a panel without a right image has 196x392.
    assert shown[0].height == 10 + 2 * (139 + 46)
    assert 4 * 277 < shown[0].width < 4 * (277 + 100)
    (written,) = tmp_path.glob("**/vis_image/*_4*.png")
    assert cv2.imread(str(written)).shape[:2] == (shown[1].height, shown[1].width)
