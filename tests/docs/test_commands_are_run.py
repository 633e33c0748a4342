"""The commands of README and docs that use a model are run, on stand-ins for the files that they name.

What is not run here is in `ELSEWHERE`, with the reason, or trains: tutorials are run by tests of their own.
"""

import shlex
import sys

import cv2
import numpy as np
import pytest
import torch
from support.commands import load_tool
from support.pages import COMMAND_LINES, call_of
from support.paths import ROOT

from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS
from mdetools.weights.shipped import shipped_models

WEIGHTS = ("best.pth", "best_abs_rel.pth", "model.pth", "work_dirs/vits_nyu/best_abs_rel.pth")
MEANT = {"CONFIG": "dav2/vits_nyu", "CKPT": "model.pth", "configs/dav2/vits_nyu.py": "dav2/vits_nyu"} | dict.fromkeys(
    WEIGHTS, "model.pth"
)
RUN = {
    "browse_dataset", "check_dataset", "compare", "convert_checkpoint", "evaluate", "export", "infer",
    "list_components", "new", "print_config", "publish_model",
}  # fmt: skip
ELSEWHERE = {
    "calibrated.py": "tests/apis/calibration/test_calibrate_tool.py",
    "configs/tiny/own_data.py": "tests/docs/test_your_own_data.py",
    "work_dirs/own/calibrated.py": "tests/docs/test_your_own_data.py",
    "rgbd/vits_own_data": "needs your data; tests/datasets/doctor",
    "configs/relative/tiny.py": "needs the training of mdetools-tiny; tests/apis/test_published.py",
    "relative/student_v1_small": "needs rooms with pseudo-labels; tests/apis/pictures",
    "dav2/vits_hypersim": "needs published weights of another max_depth",
    "configs/downstream/classification_rgbd.py": "tests/engine/test_classification_training.py",
    "configs/downstream/segmentation_cityscapes_vits.py": "tests/engine/test_segmentation_training.py",
    "kitti": "needs KITTI; tests/apis/evaluation, without KITTI",
}
MADE = {"convert_checkpoint": 1, "publish_model": 2}  # which word names the result


def reason(words):
    """Why a command is not run here, or None."""
    return next((ELSEWHERE[word] for word in words if word in ELSEWHERE), None)


CALLS = [(page, *call) for page, words in COMMAND_LINES if (call := call_of(words)) and call[0] in RUN]
# One of those that differ in the name of a file alone.
HERE = {
    (tool, *(MEANT.get(word, word) for word in words if not word.endswith(".onnx"))): (page, tool, words)
    for page, tool, words in CALLS
    if reason(words) is None
}


def save_weights(name, *files):
    """Random weights of a config's model, as a training saves them."""
    cfg = load_config(name)
    torch.manual_seed(0)
    state = MODELS.build(cfg.model).state_dict()
    for file in files:
        torch.save({"meta": {"mdetools_version": "0.2", "cfg": cfg.pretty_text}, "state_dict": state}, file)


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    """A folder that has what the pages name."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("photos", "more/x", "depth", "kitti", "kitti_depth", "work_dirs/vits_nyu"):
            (folder / name).mkdir(parents=True)
        rng = np.random.default_rng(0)
        picture = cv2.resize(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), (80, 60))
        for name in ("photo.jpg", "photos/a.jpg", "photos/b.jpg", "more/x/c.png", "kitti/d.png"):
            cv2.imwrite(name, picture)
        for name in "ab":
            np.save(f"depth/{name}.npy", rng.uniform(1, 5, (60, 80)).astype(np.float32))
        cv2.imwrite("kitti_depth/d.png", rng.integers(256, 5000, (60, 80)).astype(np.uint16))
        video = cv2.VideoWriter("video.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 10, (80, 60))
        for _ in range(3):
            video.write(picture)
        video.release()
        save_weights("dav2/vits_nyu", *WEIGHTS)
        save_weights("dav2/vits_relative", "b.pth")
        (folder / "configs").symlink_to(ROOT / "configs")
        (folder / "own.py").write_text('_base_ = "mdetools::dav2/vits_nyu.py"\n')
        for name in ("own.safetensors", "model.safetensors", "mine.safetensors"):
            (folder / name).write_bytes(shipped_models()["mdetools-tiny"].read_bytes())
        run("make_synthetic", "nyu", "data/nyu", "--train", "12", "--val", "3", "--size", "60x80")
        run("convert_checkpoint", "b.pth", "depth_anything_v2_vits.pth", "--to", "official")
        run("convert_checkpoint", "best_abs_rel.pth", "my-depth-model", "--to", "huggingface")
    return folder


def run(tool, *words):
    module = load_tool(tool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [f"{tool}.py", *words])
        args = module.parse_args()
        assert not module.main(args), (tool, words)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "words"), [call[1:] for call in HERE.values()], ids=[f"{page}-{tool}" for page, tool, _ in HERE.values()]
)
def test_it_runs(stand_ins, monkeypatch, tmp_path, tool, words):
    monkeypatch.chdir(tmp_path)
    made = words[MADE[tool]] if tool in MADE else None
    for path in stand_ins.iterdir():
        if path.name != made:
            (tmp_path / path.name).symlink_to(path)
    print(shlex.join([tool, *words]))
    run(tool, *(MEANT.get(word, word) for word in words))


def test_what_is_left_out_is_still_named():
    named = {word for _, _, words in CALLS for word in words}
    assert named >= ELSEWHERE.keys() and len(HERE) > 25
