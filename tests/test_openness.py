"""The house is open: an installed plugin adds tasks, fields, batch steps and data, with no file of mdetools edited.

The package is `tests/openness/`. Each of its configs is trained by tools/train.py, with validation, "best", TensorBoard
and a resume from the middle that ends with the same weights.
"""

import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from support.commands import run_command
from support.paths import ROOT

PLUGIN = ROOT / "tests" / "openness"
TASKS = ["segmentation", "classification", "normals", "ordinal", "teacher", "photographs"]
BEST = dict(
    segmentation="mIoU",
    classification="top1",
    normals="angle",
    ordinal="near/d1",
    teacher="abs_rel",
    photographs="abs_rel",
)
HIGHER = {"mIoU", "top1", "near/d1"}

pytestmark = pytest.mark.slow  # twelve trainings


def run(command, folder, site):
    """Runs a command in `folder`, with the plugin and mdetools to import from; returns what it wrote."""
    result = run_command(*command, folder=folder, imports=(site, ROOT))
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def train(task, folder, site, *arguments):
    config = PLUGIN / "configs" / f"{task}.py"
    return run([sys.executable, ROOT / "tools" / "train.py", config, *arguments], folder, site)


def final_weights(work_dir):
    return torch.load(work_dir / "epoch_2.pth", weights_only=True)["state_dict"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The plugin, installed."""
    folder = tmp_path_factory.mktemp("openness")
    source = shutil.copytree(PLUGIN, folder / "source")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--target"]
    run([sys.executable, "-m", "pip", "install", *options, folder / "site", source], folder, folder)
    return folder / "site"


@pytest.fixture(scope="module")
def runs(site, tmp_path_factory):
    """For each task its folder, with the runs `whole` and `resumed`, and what they wrote."""
    folder = tmp_path_factory.mktemp("runs")
    write_teacher(folder / "teacher.pth", site, folder)

    def both(task):
        whole = train(task, folder, site, "--work-dir", f"{task}/whole")
        resumed = folder / task / "resumed"
        resumed.mkdir()
        shutil.copy(folder / task / "whole" / "epoch_1.pth", resumed)
        (resumed / "last_checkpoint").write_text("epoch_1.pth")
        return whole, train(task, folder, site, "--work-dir", resumed, "--resume")

    with ThreadPoolExecutor(2) as pool:
        return folder, dict(zip(TASKS, pool.map(both, TASKS), strict=True))


def write_teacher(path, site, folder):
    """A checkpoint of the teacher's network, at random."""
    script = f"""
import torch, open_house
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS
torch.manual_seed(7)
cfg = load_config({str(PLUGIN / "configs" / "photographs.py")!r})
torch.save({{"meta": {{"mdetools_version": "0.1"}}, "state_dict": MODELS.build(cfg.model).state_dict()}}, {str(path)!r})
"""
    run([sys.executable, "-c", script], folder, site)


def scalars(work_dir):
    """Tag to values of a run's TensorBoard files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = {}
    for file in work_dir.rglob("events.out.tfevents*"):
        events = EventAccumulator(str(file)).Reload()
        for tag in events.Tags()["scalars"]:
            found.setdefault(tag, []).extend(event.value for event in events.Scalars(tag))
    return found


@pytest.mark.parametrize("task", TASKS)
def test_it_trains_and_validates_and_tensorboard_shows_it(runs, task):
    folder, _ = runs
    found = scalars(folder / task / "whole")
    assert len(found["train/loss"]) == 8 and np.isfinite(found["train/loss"]).all()
    (tag,) = [tag for tag in found if tag == f"val/{BEST[task]}"]
    assert len(found[tag]) == 2


@pytest.mark.parametrize("task", TASKS)
def test_the_best_is_the_best_in_the_measures_own_direction(runs, task):
    folder, outputs = runs
    values = scalars(folder / task / "whole")[f"val/{BEST[task]}"]
    told = [float(value) for value in re.findall(rf"best {BEST[task]} so far: (\S+)", outputs[task][0])]
    best = max(values) if BEST[task] in HIGHER else min(values)
    assert told[-1] == pytest.approx(best, abs=1e-4)
    assert (folder / task / "whole" / f"best_{BEST[task].replace('/', '_')}.pth").is_file()


@pytest.mark.parametrize("task", TASKS)
def test_a_resumed_run_ends_with_the_same_weights(runs, task):
    folder, _ = runs
    whole, resumed = (final_weights(folder / task / name) for name in ("whole", "resumed"))
    first = torch.load(folder / task / "whole" / "epoch_1.pth", weights_only=True)["state_dict"]
    assert whole.keys() == resumed.keys() and all(torch.equal(whole[key], resumed[key]) for key in whole)
    assert not all(torch.equal(whole[key], first[key]) for key in whole)


@pytest.mark.parametrize("task", ["segmentation", "classification", "normals"])
def test_it_learns_something(runs, task):
    losses = scalars(runs[0] / task / "whole")["train/loss"]
    assert np.mean(losses[-4:]) < np.mean(losses[:4])


def test_the_best_checkpoint_is_tested(site, runs):
    folder, _ = runs
    config = PLUGIN / "configs" / "segmentation.py"
    checkpoint = "segmentation/whole/best_mIoU.pth"
    shown = run([sys.executable, ROOT / "tools" / "test.py", config, checkpoint, "--show-dir", "shown"], folder, site)
    best = max(scalars(folder / "segmentation" / "whole")["val/mIoU"])
    assert float(re.search(r"mIoU: (\S+)", shown.rsplit("Epoch(test)", 1)[1])[1]) == pytest.approx(best, abs=1e-4)
    assert len(list((folder / "shown").glob("*.png"))) == 4  # three images and the overview


def test_a_protocol_from_a_dict_is_the_one_that_scores(site, runs):
    folder, _ = runs
    config, checkpoint = PLUGIN / "configs" / "ordinal.py", "ordinal/whole/epoch_2.pth"
    shown = run([sys.executable, ROOT / "tools" / "test.py", config, checkpoint, "--out", "ordinal.json"], folder, site)
    assert "protocol near: depth 0.001..5 m" in shown
    content = json.loads((folder / "ordinal.json").read_text())
    assert content["protocol"]["max_depth"] == 5.0 and content["protocol"]["silog"] == "half"
    pairs = float(re.search(r"pairs: (\S+)", shown)[1])
    assert 3 <= pairs <= 12  # of three images


def test_a_checkpoint_has_the_students_keys_alone(runs):
    folder, _ = runs
    plain, taught = (
        torch.load(folder / task / "whole" / "epoch_2.pth", weights_only=True) for task in ("photographs", "teacher")
    )
    assert taught["state_dict"].keys() == plain["state_dict"].keys()
    averaged = {key.removeprefix("module.") for key in taught["ema_state_dict"]} - {"steps"}
    assert averaged == taught["state_dict"].keys()


@pytest.mark.parametrize("task", ["teacher", "photographs"])
def test_two_processes_agree(site, runs, task):
    folder, _ = runs
    config = PLUGIN / "configs" / f"{task}.py"
    shown = run(["bash", ROOT / "tools" / "dist_train.sh", config, 2, "--work-dir", f"{task}/two"], folder, site)
    assert "2 process(es) agree" in shown and (folder / task / "two" / "epoch_2.pth").is_file()
