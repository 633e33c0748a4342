"""The students of the tables: their configs, on top of the small ones, and their training."""

import copy
import subprocess
import sys
from pathlib import Path

from mmengine.config import Config

from mdetools.apis.calibration.frames import pipeline_of
from mdetools.apis.pseudo_labels.teacher import plain
from mdetools.engine.configs.loading import load_config

__all__ = ["ROOT", "V1", "V2", "changed", "run", "student_config", "train"]

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_FEATURES = {"model.data_preprocessor.steps.features": None, "model.losses.features": None}
V2 = {"student": WITHOUT_FEATURES, "student, features kept": {}}
CLEAN = {"model.data_preprocessor.steps.cut_mix": None, **WITHOUT_FEATURES}
PHOTOS = "train_dataloader.dataset.datasets.unlabelled"
# In "labelled only" other labelled images take the place of the photographs: as many in a batch, as many steps.
V1 = {
    "labelled only": {
        **CLEAN,
        "model.losses.unlabelled": None,
        "model.losses.unlabelled_gradients": None,
        PHOTOS: None,
    },
    "+ pseudo-labels": {**CLEAN, f"{PHOTOS}.pipeline.colours": None, f"{PHOTOS}.pipeline.clean": None},
    "+ strong colours and CutMix": WITHOUT_FEATURES,
    "+ features of the teacher's encoder": {},
}


def run(work: Path, name: str, tool: str, *arguments: object) -> None:
    """Runs a tool, with its output in WORK/<name>.log."""
    print(f"{name}: {tool}", flush=True)
    with (work / f"{name}.log").open("w") as log:
        words = [sys.executable, str(ROOT / "tools" / tool), *map(str, arguments)]
        subprocess.run(words, check=True, stdout=log, stderr=subprocess.STDOUT)


def train(work: Path, name: str, base: str, changes: dict, options: list[str]) -> Path:
    """Trains a config unless that has been done; returns its last checkpoint.

    Args:
        work: folder of all runs.
        name: of this one.
        base: config that it is on top of.
        changes: what stands in it, by name.
        options: of tools/train.py.
    """
    done = work / name / "done"
    if not done.is_file():
        config = work / f"{name}.py"
        text = "".join(f"{key} = {value!r}\n" for key, value in changes.items())
        config.write_text(f"_base_ = [{base!r}]\n{text}")
        run(work, name, "train.py", config, "--work-dir", work / name, "--resume", *options)
        done.write_text((work / name / "last_checkpoint").read_text())
    return work / name / Path(done.read_text().strip()).name


def student_config(kind: str, teacher: Config, checkpoint: str, work: Path) -> dict:
    """What a student's config changes of the small one: the teacher's architecture, its sizes of images, and the data.

    Args:
        kind: "v1" or "v2".
        teacher: config.
        checkpoint: of the teacher.
        work: folder with the photographs and their labels.
    """
    encoder, decoder = ({"_delete_": True, **plain(part)} for part in (teacher.model.backbone, teacher.model.head))
    steps = {"features": {"backbone": encoder, "checkpoint": checkpoint}}
    labelled = plain(teacher.train_dataloader.dataset)
    theirs = pipeline_of(labelled)
    small = load_config(str(ROOT / f"configs/relative/student_{kind}_small.py")).train_dataloader.dataset
    colours = plain((small if kind == "v2" else small.datasets.unlabelled).pipeline.colours)
    pipeline = {name: theirs.get(name) for name in ("crop", "zoom", "flip")}
    pipeline |= {"clean": {"type": "CleanView"}, "colours": colours, "resize": theirs["resize"]}
    pipeline |= {"pack": {"type": "PackSample"}, "_delete_": True}
    dataset = {"data_root": str(work / "frames"), "labels": str(work / "labels"), "pipeline": pipeline}
    if kind == "v1":
        steps["pseudo_labels"] = None  # they are in the files
        dataset = {"datasets": {"labelled": {**labelled, "_delete_": True}, "unlabelled": dataset}}
    return {
        "model": {"backbone": encoder, "head": decoder, "data_preprocessor": {"steps": steps}, "losses": {}},
        "train_dataloader": {"dataset": dataset},
    }


def changed(config: dict, row: dict[str, None], frames: int) -> dict:
    """A copy of a config, with what a row of a table says, by dotted path."""
    config = copy.deepcopy(config)
    for path, value in row.items():
        *parents, last = path.split(".")
        node = config
        for name in parents:
            node = node[name]
        node[last] = value
    datasets = config["train_dataloader"]["dataset"].get("datasets", {"unlabelled": {}})
    if datasets["unlabelled"] is None:
        labelled = {key: value for key, value in datasets["labelled"].items() if key != "_delete_"}
        subset = {"type": "SubsetDataset", "dataset": labelled, "count": frames}
        datasets["unlabelled"] = {"_delete_": True, **subset}
    return config
