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
VALIDATION = "val_dataloader.dataset.data_root"
V2 = {
    "student": "model = dict(data_preprocessor=dict(steps=dict(features=None)), losses=dict(features=None))",
    "student, features kept": "",
}
ABS_REL = list(columns_of(["depth_errors"])).index("abs_rel")


# What each row of V1's table has beyond the one before, as a config on top of student_v1_small.py. "Labelled only" sees
# other labelled images in place of the photographs: as many in a batch, as many steps.
V1 = {
    "labelled only": """
_labelled = _base_.train_dataloader.dataset.datasets.labelled
train_dataloader = dict(
    dataset=dict(
        datasets=dict(
            unlabelled=dict(_delete_=True, type="SubsetDataset", dataset=_labelled, count={frames})
        )
    )
)
model = dict(
    data_preprocessor=dict(steps=dict(cut_mix=None, features=None)),
    losses=dict(unlabelled=None, unlabelled_gradients=None, features=None),
)
""",
    "+ pseudo-labels": """
train_dataloader = dict(dataset=dict(datasets=dict(unlabelled=dict(pipeline=dict(clean=None, colours=None)))))
model = dict(data_preprocessor=dict(steps=dict(cut_mix=None, features=None)), losses=dict(features=None))
""",
    "+ strong colours and CutMix": """
model = dict(data_preprocessor=dict(steps=dict(features=None)), losses=dict(features=None))
""",
    "+ features of the teacher's encoder": "",
}


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, metavar="WORK")
    parser.add_argument("--real", type=Path, required=True, help="folder with nyu and kitti_raw")
    parser.add_argument("--rooms", type=Path, required=True, help="of make_synthetic.py nyu --train 2000")
    parser.add_argument("--streets", type=Path, required=True, help="of make_synthetic.py kitti --train 400")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--v2-epochs", type=int, default=20, help="of the unlabelled images")
    parser.add_argument("--v1-epochs", type=int, default=20)
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


def train(work: Path, name: str, text: str, options: list[str]) -> Path:
    """Trains a config unless that has been done; returns its last checkpoint.

    Args:
        work: folder of all runs.
        name: of this one.
        text: of the config.
        options: of the command line.
    """
    done = work / name / "done"
    if not done.is_file():
        config = work / f"{name}.py"
        config.write_text(text)
        run(work, name, "train.py", config, "--work-dir", work / name, "--resume", *options)
        done.write_text((work / name / "last_checkpoint").read_text())
    return work / name / Path(done.read_text().strip()).name


def base(name: str) -> str:
    """The first line of a config on top of one of configs/relative."""
    return f'_base_ = ["{ROOT}/configs/relative/{name}.py"]\n'


def label(work: Path, config: str, checkpoint: Path) -> Path:
    """Labels the frames with a teacher; returns the folder of the labels."""
    out = work / "labels"
    config = ROOT / "configs/relative" / f"{config}.py"
    run(work, "labels", "pseudo_label.py", config, checkpoint, work / "frames", out, "--batch-size", "1")
    return out


@torch.inference_mode()
def score(real: Path, config: str, checkpoint: Path) -> dict[str, np.ndarray]:
    """abs_rel of each validation image, by set; kept in a file beside the checkpoint."""
    kept = checkpoint.with_suffix(".scores.json")
    if not kept.is_file():
        cfg = load_config(str(ROOT / "configs/relative" / f"{config}.py"))
        model = build_teacher(cfg, str(checkpoint), flip=False)
        errors = {}
        for name, (source, protocol) in VAL.items():
            source = {**source, "data_root": str(real / source["data_root"]), "pipeline": image_pipeline(cfg)}
            dataset, rules = DATASETS.build(source), get_protocol(protocol)
            errors[name] = [abs_rel(model, dataset[index], rules) for index in range(len(dataset))]
        kept.write_text(json.dumps(errors))
    return {name: np.array(values) for name, values in json.loads(kept.read_text()).items()}


def abs_rel(model: torch.nn.Module, sample: dict, rules) -> float:
    """Of one image, under a protocol."""
    (prediction,) = model.test_step(collate_samples([sample]))
    row = evaluate_image(prediction, sample["depth"], sample["valid_mask"], rules)
    return row[ABS_REL].item()


def difference(ours: list[dict], theirs: list[dict], name: str) -> str:
    """Mean over images of the seeds' mean abs_rel; in brackets, paired, what it is above another model's."""
    own, other = (np.mean([scores[name] for scores in seeds], axis=0) for seeds in (ours, theirs))
    if ours is theirs:
        return f"{own.mean():.4f}"
    low, high = bootstrap_interval(own - other)
    return f"{own.mean():.4f} ({(own - other).mean():+.4f}, {low:+.4f}..{high:+.4f})"


def table(rows: dict[str, list[dict]], compared: str) -> str:
    """Markdown: a line per model, a column per set; in brackets the paired difference to the line `compared`."""
    lines = [f"| | {' | '.join(VAL)} |", "|---" * (len(VAL) + 1) + "|"]
    for title, seeds in rows.items():
        lines.append(f"| {title} | {' | '.join(difference(seeds, rows[compared], name) for name in VAL)} |")
    return "\n".join(lines)


def students(args: argparse.Namespace, teacher: Path, kind: str, rows: dict[str, str], data: str) -> dict[str, list]:
    """Trains the students of one table, each of several seeds, and scores them.

    Args:
        args: of the command line.
        teacher: its checkpoint.
        kind: "v1" or "v2".
        rows: for each title what its config has on top of the small one.
        data: dotted path of the loader's part with the photographs.
    """
    epochs = getattr(args, f"{kind}_epochs")
    scores = {}
    for number, (title, text) in enumerate(rows.items()):
        scores[title] = []
        for seed in range(args.seeds):
            options = [f"pretrained.checkpoint={teacher}", f"randomness.seed={seed}", f"train_cfg.max_epochs={epochs}"]
            options += [f"train_cfg.val_interval={epochs}", "default_hooks.pictures=None", f"{VALIDATION}={args.rooms}"]
            if "features=None" not in text:
                options.append(f"model.data_preprocessor.steps.features.checkpoint={teacher}")
            if "SubsetDataset" not in text:
                options += [f"{data}.data_root={args.work / 'frames'}", f"{data}.labels={args.work / 'labels'}"]
            if kind == "v1":
                for part in ("labelled", *(["unlabelled.dataset"] if "SubsetDataset" in text else [])):
                    sets = f"train_dataloader.dataset.datasets.{part}.datasets"
                    options += [f"{sets}.rooms.data_root={args.rooms}", f"{sets}.streets.data_root={args.streets}"]
                options.append("model.data_preprocessor.steps.pseudo_labels=None")  # they are in the files
            name = f"student_{kind}_{number}_{seed}"
            checkpoint = train(args.work, name, base(f"student_{kind}_small") + text, ["--cfg-options", *options])
            scores[title].append(score(args.real, f"student_{kind}_small", checkpoint))
    return scores


def main() -> None:
    """Trains, labels, scores, and prints the tables."""
    args = parse_args()
    for name in ("work", "real", "rooms", "streets"):
        setattr(args, name, getattr(args, name).resolve())
    init_default_scope("mdetools")
    args.work.mkdir(parents=True, exist_ok=True)
    write_frames(args.real, args.work / "frames")
    roots = ["--data-root", f"rooms={args.rooms}", "--data-root", f"streets={args.streets}"]
    options = ["--cfg-options", f"{VALIDATION}={args.rooms}", "default_hooks.pictures=None"]
    teacher = train(args.work, "teacher", base("teacher_small"), [*roots, *options])
    label(args.work, "teacher_small", teacher)
    of_teacher = {"teacher": [score(args.real, "teacher_small", teacher)]}
    if args.only != "v1":
        rows = students(args, teacher, "v2", V2, "train_dataloader.dataset")
        print(
            f"abs_rel (difference from the teacher, 95 % interval)\n{table(of_teacher | rows, 'teacher')}", flush=True
        )
    if args.only != "v2":
        frames = sum(1 for _ in (args.work / "frames").rglob("*.png"))
        rows = {title: text.replace("{frames}", str(frames)) for title, text in V1.items()}
        rows = students(args, teacher, "v1", rows, "train_dataloader.dataset.datasets.unlabelled")
        print(f"abs_rel (difference from labelled only)\n{table(rows | of_teacher, 'labelled only')}")


if __name__ == "__main__":
    main()
