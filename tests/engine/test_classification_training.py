"""The small configs of classification train, resume, run in two processes, test, export and predict as any other."""

import json

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from support.class_folder import CLASSES, write_class_folder
from support.commands import load_tool
from support.exports import export
from support.paths import ROOT
from support.tiny_training import in_child, in_two_processes, train

from mdetools.apis import DepthInferencer
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing

pytestmark = pytest.mark.slow  # a minute of trainings

SIZE = (32, 40)
CONFIGS = ("rgb", "rgbd", "exact", "depth", "control")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_class_folder(tmp_path_factory.mktemp("classes"), {"train": 8, "val": 6}, SIZE)


def small(name, data, folder):
    """Two epochs of two iterations of a leaf of configs/downstream; depth that is predicted is so on the fly."""
    read = "" if name in ("exact", "control") else "depth=None, "
    dataset = f"dict(dataset=dict(data_root='{data}'))" if name == "control" else f"dict({read}data_root='{data}')"
    dataset = "dict()" if name == "rgb" else dataset
    network = "depth_size=(32, 32), backbone=dict" if name != "rgb" else "dict"
    options = "options=dict(channels=[4, 4, 8, 8])"
    backbone = f"dict({options})" if name == "rgb" else f"dict({network}({options}))"
    path = folder / f"{name}.py"
    path.write_text(f"""
_base_ = ["{ROOT}/configs/downstream/classification_{name}_small.py"]
custom_imports = dict(imports=["support.tiny_training"], allow_failed_imports=False)
model = dict(backbone={backbone}, head=dict(num_classes=2, class_names={list(CLASSES)}))
_pipeline = dict(resize=dict(size={SIZE}))
_root = {dataset}
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=_pipeline, **_root))
val_dataloader = dict(batch_size=4, dataset=dict(pipeline=_pipeline, **_root))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(logger=dict(interval=1))
""")
    if name == "rgb":
        text = path.read_text().replace("_root = dict()", f"_root = dict(data_root='{data}')")
        path.write_text(text)
    return path


def weights(path):
    return torch.load(path, weights_only=True)["state_dict"]


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory):
    """For each config its file and the work dir of a whole run."""
    folder = tmp_path_factory.mktemp("runs")
    found = {}
    for name in CONFIGS:
        config = small(name, data, folder)
        log = folder / f"{name}.log"
        assert in_child(log, train, config, folder / name) == 0, log.read_text()
        found[name] = config, folder / name
    return found


@pytest.mark.parametrize("name", CONFIGS)
def test_a_killed_run_goes_on_to_the_same_weights(runs, tmp_path, name):
    config, whole = runs[name]
    kill = {"custom_hooks": [dict(type="KillHook", moment="step", iteration=3)]}
    options = {"default_hooks.checkpoint.interval_iters": 1}
    log = tmp_path / "log"
    assert in_child(log, train, config, tmp_path / "run", options | kill) == -9
    assert in_child(log, train, config, tmp_path / "run", options, "auto") == 0, log.read_text()
    expected, found = weights(whole / "epoch_2.pth"), weights(tmp_path / "run/epoch_2.pth")
    first = weights(whole / "epoch_1.pth")
    assert all(torch.equal(found[key], value) for key, value in expected.items())
    assert not all(torch.equal(first[key], value) for key, value in expected.items())
    depth = [key for key in expected if key.startswith("backbone.depth.")]
    assert bool(depth) == (name in ("rgbd", "depth"))
    assert all(torch.equal(first[key], expected[key]) for key in depth)  # frozen


def test_the_best_is_the_highest_top1_and_tensorboard_has_the_pictures(runs):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    _, work_dir = runs["exact"]
    assert (work_dir / "best_top1.pth").is_file()
    (file,) = work_dir.rglob("events.out.tfevents*")
    events = EventAccumulator(str(file)).Reload()
    assert {"val_hits_and_misses", "val_confusion"} <= set(events.Tags()["images"])
    assert len(events.Scalars("val/top1")) == 2


def run_test(config, checkpoint, folder):
    cfg = load_config(str(config))
    apply_test_options(
        cfg,
        str(checkpoint),
        work_dir=str(folder / "work"),
        out=str(folder / "all.json"),
        show_dir=str(folder / "shown"),
    )
    run_testing(cfg)


def test_testing_writes_rows_and_pictures_and_the_inferencer_gives_the_same_classes(runs, data, tmp_path):
    config, work_dir = runs["rgbd"]
    checkpoint = work_dir / "best_top1.pth"
    log = tmp_path / "log"
    assert in_child(log, run_test, config, checkpoint, tmp_path) == 0, log.read_text()
    content = json.loads((tmp_path / "all.json").read_text())
    assert content["classes"] == list(CLASSES) and len(content["per_image"]) == 6
    assert sorted(path.name for path in (tmp_path / "shown").iterdir()) == ["confusion.png", "hits_and_misses.png"]
    predict = DepthInferencer(str(config), checkpoint, "cpu")
    for row in content["per_image"]:
        (result,) = predict(str(data / f"{row['id']}.png"))
        label = CLASSES.index(row["id"].split("/")[1])
        assert row["top1"] == (result.scores.argmax() == label)


def test_what_the_network_sees_is_drawn_without_the_channel_behind_the_image(runs, monkeypatch):
    from mdetools.apis.pictures import browsing

    shown = []
    monkeypatch.setattr(browsing, "sample_panel", lambda arrays, name: shown.append(arrays))
    list(browsing.browse(load_config(str(runs["exact"][0])), "val", 2))
    assert [arrays["image"].shape for arrays in shown] == [(*SIZE, 3)] * 2
    assert all("inverse_depth" in arrays for arrays in shown)


def infer(*words):
    """tools/infer.py in this process."""
    import sys

    tool = load_tool("infer")
    sys.argv = ["infer.py", *map(str, words)]
    assert not tool.main(tool.parse_args())


def test_infer_tells_the_name_of_the_class(runs, data, tmp_path, capsys):
    config, work_dir = runs["rgbd"]
    checkpoint = work_dir / "best_top1.pth"
    infer(config, checkpoint, data / "val/flat/000.png", "--out", tmp_path / "out", "--device", "cpu")
    scores = DepthInferencer(str(config), checkpoint, "cpu")(str(data / "val/flat/000.png"))[0].scores.astype(
        np.float64
    )
    shares = np.exp(scores) / np.exp(scores).sum()
    told = f"{CLASSES[shares.argmax()]}, probability {shares.max():.2f}; scores from "
    assert told in capsys.readouterr().out


def test_the_exported_graph_gives_the_scores_of_the_whole_model(runs, data, tmp_path):
    config, work_dir = runs["rgbd"]
    checkpoint, graph = work_dir / "best_top1.pth", tmp_path / "model.onnx"
    shown = export(tmp_path, config, checkpoint, "--to", "onnx", "--out", graph)
    assert "scores" in shown
    path = data / "val/striped/001.png"
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    facts = json.loads(graph.with_suffix(".json").read_text())["normalize"]
    image = (image - np.float32(facts["mean"])) / np.float32(facts["std"])
    session = onnxruntime.InferenceSession(str(graph))
    (scores,) = session.run(None, {session.get_inputs()[0].name: image.transpose(2, 0, 1)[None]})
    (result,) = DepthInferencer(str(config), checkpoint, "cpu")(str(path))
    np.testing.assert_allclose(scores[0], result.scores, atol=1e-4)


@pytest.mark.parametrize("amp", [False, True])
def test_depth_that_is_read_tells_the_classes_apart_and_another_ones_does_not(tmp_path, amp):
    """Images are noise, and half of the control's depths are those of the other class."""
    found, data = {}, write_class_folder(tmp_path / "data", {"train": 64, "val": 16}, SIZE)
    longer = {"train_cfg.max_epochs": 12, "train_cfg.val_interval": 12, "train_dataloader.batch_size": 8}
    longer["optim_wrapper.optimizer.lr"] = 1e-2
    if amp:
        longer |= {"optim_wrapper.type": "AmpOptimWrapper", "optim_wrapper.dtype": "bf16"}
    for name in ("exact",) if amp else ("exact", "control"):
        config, log, file = small(name, data, tmp_path), tmp_path / f"{name}.log", tmp_path / f"{name}.json"
        options = longer | {"val_evaluator.out_file": str(file)}
        assert in_child(log, train, config, tmp_path / name, options) == 0, log.read_text()
        found[name] = json.loads(file.read_text())["mean"]["top1"]
    assert found["exact"] >= 0.9 and found.get("control", 0.5) <= 0.8


def test_two_processes_agree(runs, tmp_path):
    config, _ = runs["rgbd"]
    log = tmp_path / "log"
    assert in_two_processes(log, train, config, tmp_path / "run", {}, None, "pytorch") == 0, log.read_text()
    assert (tmp_path / "run/best_top1.pth").is_file()
