"""Segmentation trains, resumes, is tested, exported and used as depth is, by configs/downstream alone."""

import json

import cv2
import numpy as np
import pytest
import torch
from support.commands import load_tool
from support.exports import export
from support.paths import ROOT
from support.tiny_training import in_child, in_two_processes, tiny_config, train, write_nyu_frames
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mdetools.apis.inferencer import DepthInferencer
from mdetools.datasets.cityscapes_dataset import CITYSCAPES_CLASSES
from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.cli import run_cli
from mdetools.engine.testing import apply_test_options, run_testing
from mdetools.weights.files import read_checkpoint

pytestmark = pytest.mark.slow  # a minute of trainings

QUIET = {"visualizer.vis_backends": [], "default_hooks.pictures": None}
TESTED = {"visualizer.vis_backends": []}
NUMBERS = np.array([*CITYSCAPES_CLASSES.values()], np.uint8)


def write_cityscapes(root, train=4, val=3, size=(32, 64)):
    """Blocks of class 7 (road), 23 (sky) and 26 (car), each of a colour of its own, with noise; some are unlabelled."""
    rng = np.random.default_rng(0)
    colours = {7: (90, 60, 90), 23: (70, 130, 200), 26: (200, 20, 20), 4: (0, 0, 0)}
    for split, count in (("train", train), ("val", val)):
        for number in range(count):
            blocks = rng.choice([*colours], (4, 8), p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8)
            mask = cv2.resize(blocks, size[::-1], interpolation=cv2.INTER_NEAREST)
            image = np.array([colours[value] for value in mask.flat]).reshape(*size, 3) + rng.normal(0, 8, (*size, 3))
            name = f"{split}/ulm/ulm_000000_{number:06d}"
            for path, values in (
                (root / f"leftImg8bit/{name}_leftImg8bit.png", image.clip(0, 255).astype(np.uint8)[..., ::-1]),
                (root / f"gtFine/{name}_gtFine_labelIds.png", mask),
            ):
                path.parent.mkdir(parents=True, exist_ok=True)
                assert cv2.imwrite(str(path), values)
    return root


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A config on top of Cityscapes': 2 epochs of 2 iterations, on a tiny encoder."""
    folder = tmp_path_factory.mktemp("cityscapes")
    data = write_cityscapes(folder / "data")
    path = folder / "config.py"
    path.write_text(f"""
_base_ = ["{ROOT}/configs/downstream/segmentation_cityscapes_vits.py"]
custom_imports = dict(imports=["support.tiny_training"], allow_failed_imports=False)
model = dict(
    backbone=dict(arch="tiny", out_indices=(0, 1, 2, 3)), head=dict(features=8, out_channels=[8, 8, 8, 8])
)
train_cfg = dict(max_epochs=2, val_interval=1)
_loader = dict(num_workers=0, persistent_workers=False)
_data = dict(data_root="{data}", pipeline=dict(resize=dict(size=28)))
train_dataloader = dict(batch_size=2, dataset=_data, **_loader)
val_dataloader = dict(dataset=_data, **_loader)
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=1e-2))
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval_iters=1, max_keep=3), pictures=dict(images=1)
)
""")
    return path


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    """The folder of a whole run."""
    folder = tmp_path_factory.mktemp("run")
    log = folder / "log"
    assert in_child(log, train, tiny, folder) == 0, log.read_text()
    return folder


def state_after(work_dir, name="epoch_2.pth"):
    return read_checkpoint(work_dir / name)["state_dict"]


@pytest.mark.parametrize(("run", "launcher", "batch_size"), [(in_child, "none", 2), (in_two_processes, "pytorch", 1)])
def test_killed_and_resumed(tiny, tmp_path, run, launcher, batch_size):
    options = QUIET | {"train_dataloader.batch_size": batch_size}
    log = tmp_path / "log"
    assert run(log, train, tiny, tmp_path / "whole", options, None, launcher) == 0, log.read_text()
    broken = options | {"custom_hooks": [{"type": "KillHook", "moment": "step", "iteration": 3}]}
    assert run(log, train, tiny, tmp_path / "broken", broken, None, launcher) == -9
    assert last_checkpoint(tmp_path / "broken").name in ("iter_3.pth", "epoch_1.pth")
    assert run(log, train, tiny, tmp_path / "broken", options, "auto", launcher) == 0, log.read_text()
    whole, resumed = state_after(tmp_path / "whole"), state_after(tmp_path / "broken")
    assert [key for key in whole if not torch.equal(whole[key], resumed[key])] == []


def test_mixed_precision(tiny, tmp_path):
    options = QUIET | {"optim_wrapper.type": "AmpOptimWrapper", "optim_wrapper.dtype": "bf16"}
    log = tmp_path / "log"
    assert in_child(log, train, tiny, tmp_path, options) == 0, log.read_text()
    assert all(value.isfinite().all() for value in state_after(tmp_path).values() if value.is_floating_point())


def test_what_is_logged(trained):
    """The scores, the best by the highest mIoU, a line per class and the picture of an image."""
    log = (trained / "log").read_text()
    assert "loss_classes" in log and "classes occur in none of 3 images, neither in the truth nor as predicted" in log
    assert "traffic light" in log
    best = read_checkpoint(trained / "best_mIoU.pth")
    (events,) = trained.glob("**/events.out*")
    accumulator = EventAccumulator(str(events), size_guidance={"images": 0}).Reload()
    tags = accumulator.Tags()
    assert {"val/mIoU", "val/pixel_accuracy", "val/mean_accuracy", "lr/encoder_layer_0"} <= set(tags["scalars"])
    assert {"val_confusion"} < set(tags["images"])
    scores = [event.value for event in accumulator.Scalars("val/mIoU")]
    assert best["meta"]["iter"] == 2 * (1 + int(np.argmax(scores))) and len(scores) == 2
    rates = {name: accumulator.Scalars(f"lr/{name}")[0].value for name in ("encoder", "encoder_layer_0", "decoder")}
    assert rates["encoder_layer_0"] == pytest.approx(rates["encoder"] * 0.9**5)
    assert rates["decoder"] == pytest.approx(rates["encoder"] * 10)


def run_test(config, checkpoint, folder):
    options = {"model.window_test": dict(size=28), "model.scale_test": [1, 2], **TESTED}
    cfg = load_config(str(config), options)
    apply_test_options(cfg, str(checkpoint), str(folder), out=str(folder / "out.json"), show_dir=str(folder / "shown"))
    cfg.model.flip_test = "mean"
    scores = run_testing(cfg)
    (folder / "scores.json").write_text(json.dumps(scores))


def test_a_test_writes_scores_and_pictures(tiny, trained, tmp_path):
    log = tmp_path / "log"
    assert in_child(log, run_test, tiny, trained / "epoch_2.pth", tmp_path) == 0, log.read_text()
    content, scores = (json.loads((tmp_path / name).read_text()) for name in ("out.json", "scores.json"))
    confusion = np.array(content["confusion"])
    known = {7: 0, 23: 10, 26: 13}
    masks = [cv2.imread(str(path), -1) for path in sorted((tiny.parent / "data/gtFine/val").rglob("*.png"))]
    for number, label in known.items():
        assert confusion[label].sum() == sum((mask == number).sum() for mask in masks)
    assert confusion.sum() == sum((mask != 4).sum() for mask in masks)
    assert content["mean"] == scores and scores["pixel_accuracy"] == np.trace(confusion) / confusion.sum()
    names = {path.name for path in (tmp_path / "shown").rglob("*.png")}
    assert {"confusion.png", "overview.png"} < names and len(names) == 5


def infer(config, checkpoint, photo, out):
    import sys

    tool = load_tool("infer")
    sys.argv = ["infer.py", str(config), str(checkpoint), str(photo), "--out", str(out), "--save-npy"]
    run_cli(tool.main, tool.parse_args())


def test_classes_come_out_of_inference_and_export(tiny, trained, tmp_path):
    checkpoint = trained / "epoch_2.pth"
    photo = sorted((tiny.parent / "data/leftImg8bit/val").rglob("*.png"))[0]
    log = tmp_path / "log"
    assert in_child(log, infer, tiny, checkpoint, photo, tmp_path / "out") == 0, log.read_text()
    (array,) = (tmp_path / "out").rglob("*.npy")
    classes = np.load(array)
    assert classes.shape == (32, 64) and classes.dtype == np.int32 and 0 <= classes.min() <= classes.max() < 19
    (picture,) = (tmp_path / "out").rglob("*.png")
    assert cv2.imread(str(picture)).ndim == 3
    (result,) = DepthInferencer(str(tiny), str(checkpoint), "cpu")(str(photo))
    np.testing.assert_array_equal(result.map, classes)

    model = tmp_path / "model.onnx"
    export(tmp_path, tiny, checkpoint, "--to", "onnx", "--out", model, "--size", "28x56")
    description = json.loads(model.with_suffix(".json").read_text())
    assert description["output"]["quantity"] == "logits" and description["output"]["resize"] == "centred"
    assert in_child(log, run_exported, model, photo, tmp_path / "logits.npy") == 0, log.read_text()
    exported = np.load(tmp_path / "logits.npy")
    assert exported.shape == (19, 32, 64)
    assert (exported.argmax(0) == classes).mean() > 0.99  # ties of float32 aside


def run_exported(model, photo, out):
    import runpy
    import sys

    sys.argv = ["onnx_runner.py", str(model), str(photo), "--out", str(out)]
    runpy.run_path(str(ROOT / "examples" / "onnx_runner.py"), run_name="__main__")


def test_an_encoder_of_a_depth_checkpoint_is_taken(tiny, tmp_path):
    """The encoder alone, to the bit; the decoder starts at random."""
    write_nyu_frames(tmp_path / "nyu")
    depth = tiny_config(tmp_path / "depth.py", tmp_path / "nyu")
    log = tmp_path / "log"
    assert in_child(log, train, depth, tmp_path / "depth", QUIET) == 0, log.read_text()
    options = QUIET | {
        "pretrained.checkpoint": str(tmp_path / "depth/epoch_2.pth"),
        "optim_wrapper.optimizer.lr": 0.0,
    }
    assert in_child(log, train, tiny, tmp_path / "run", options) == 0, log.read_text()
    source, own = state_after(tmp_path / "depth"), state_after(tmp_path / "run")
    encoder = [key for key in own if key.startswith("backbone.")]
    assert len(encoder) > 40 and all(torch.equal(own[key], source[key]) for key in encoder)
    assert not torch.equal(own["head.projects.0.weight"], source["head.projects.0.weight"])
