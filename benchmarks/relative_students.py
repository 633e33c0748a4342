"""Relative depth from teacher to students, on a domain without labels: the tables of docs/relative.md.

    python benchmarks/relative_students.py WORK --real ../shared/data --rooms data/nyu --streets data/kitti

It writes the real training frames (a kitchen and streets) as images without depth, trains configs/relative/*_small.py
with tools/train.py, labels the frames with tools/pseudo_label.py, and scores all on real validation frames by least
squares in disparity. Each run is left out if its checkpoint is in WORK already. The students begin with the teacher's
encoder, which stands for DINOv2's weights, and a decoder of random weights.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.update(NO_ALBUMENTATIONS_UPDATE="1")

import cv2
import numpy as np
import torch
from mmengine.registry import init_default_scope

from mdetools.apis.pseudo_labels import image_pipeline
from mdetools.apis.pseudo_labels.teacher import build_teacher
from mdetools.datasets.collation import collate_samples
from mdetools.engine.configs.loading import load_config
from mdetools.evaluation import bootstrap_interval, columns_of, evaluate_image, get_protocol
from mdetools.registry import DATASETS

ROOT = Path(__file__).resolve().parents[1]
TRAIN = {
    "kitchen": dict(type="NYUDataset", data_root="nyu", split="train"),
    "street": dict(type="KITTIDataset", data_root="kitti_raw", split="train", depth_source=None, stereo=False),
}
VAL = {
    "kitchen": (dict(type="NYUDataset", data_root="nyu", split="val"), "nyu_lstsq_disparity"),
    "nyu": (dict(type="NYUDataset", data_root="nyu", split="val_nyu"), "nyu_lstsq_disparity"),
    "street": (
        dict(type="KITTIDataset", data_root="kitti_raw", split="val", depth_source="velodyne", stereo=False),
        "kitti_garg_80_lstsq_disparity",
    ),
}
ABS_REL = columns_of(["depth_errors"]).index("abs_rel")


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, metavar="WORK")
    parser.add_argument("--real", type=Path, required=True, help="folder with nyu and kitti_raw")
    parser.add_argument("--rooms", type=Path, required=True, help="of make_synthetic.py nyu")
    parser.add_argument("--streets", type=Path, required=True, help="of make_synthetic.py kitti")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", choices=["v2", "v1"], help="one of the two tables")
    return parser.parse_args()


def write_frames(real: Path, folder: Path) -> None:
    """Writes the training frames as PNGs."""
    for name, config in TRAIN.items():
        dataset = DATASETS.build({**config, "data_root": str(real / config["data_root"])})
        for index in range(len(dataset)):
            path = folder / name / f"{index:04d}.png"
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), dataset.load(index)["image"][..., ::-1])


def run(work: Path, name: str, tool: str, *arguments: object) -> None:
    """Runs a tool, with its output in WORK/<name>.log."""
    print(f"{name}: {tool}", flush=True)
    with (work / f"{name}.log").open("w") as log:
        words = [sys.executable, str(ROOT / "tools" / tool), *map(str, arguments)]
        subprocess.run(words, check=True, stdout=log, stderr=subprocess.STDOUT)


def train(work: Path, name: str, config: str, options: list[str]) -> Path:
    """Trains a config unless that has been done; returns its last checkpoint."""
    done = work / name / "done"
    if not done.is_file():
        config = ROOT / "configs/relative" / f"{config}.py"
        run(work, name, "train.py", config, "--work-dir", work / name, "--resume", "--cfg-options", *options)
        done.write_text((work / name / "last_checkpoint").read_text())
    return Path(done.read_text().strip())
