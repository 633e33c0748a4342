"""Relative depth from teacher to students, on a domain without labels: the tables of docs/relative.md.

    python -m benchmarks.relative WORK --real DATA \
        --data-root rooms=data/nyu_quickstart --data-root streets=data/kitti
    python -m benchmarks.relative WORK --real DATA --teacher CONFIG CKPT --data-root data/worlds

It writes the real training frames (a kitchen and streets) as images without depth, labels them with a teacher by
tools/pseudo_label.py, trains students of the teacher's own architecture by configs/relative/student_*_small.py, and
scores all on real validation frames by least squares in disparity. Without --teacher it first trains
configs/relative/teacher_small.py. What stands in WORK already is not done again. The students begin with the teacher's
encoder, which stands for DINOv2's weights, and a decoder of random weights; with --start whole, with all that the
teacher has learned.
"""

import argparse
import os
from pathlib import Path

os.environ.update(NO_ALBUMENTATIONS_UPDATE="1")

import cv2
from mmengine.config import Config
from mmengine.registry import init_default_scope

from benchmarks.relative.scores import score, table
from benchmarks.relative.students import ROOT, V1, V2, changed, run, student_config, train
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.option_values import named_root
from mdetools.registry import DATASETS

TRAIN = {
    "kitchen": dict(type="NYUDataset", data_root="nyu", split="train"),
    "street": dict(type="KITTIDataset", data_root="kitti_raw", split="train", depth_source=None, stereo=False),
}
# Nothing is scored on the way.
UNWATCHED = ["val_dataloader=None", "val_cfg=None", "val_evaluator=None", "default_hooks.pictures=None"]


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, metavar="WORK")
    parser.add_argument("--real", type=Path, required=True, help="folder with nyu and kitti_raw")
    parser.add_argument(
        "--teacher", nargs=2, metavar=("CONFIG", "CKPT"), help="default: teacher_small.py, trained here"
    )
    parser.add_argument("--data-root", action="append", type=named_root, help="of the teacher's own labelled data")
    parser.add_argument("--start", choices=["encoder", "whole"], default="encoder")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--lr", type=float, help="of the students (default: their config's)")
    parser.add_argument("--v2-epochs", type=int, default=20, help="passes over the photographs")
    parser.add_argument("--v1-epochs", type=int, default=20, help="likewise")
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


def students(args: argparse.Namespace, teacher: Config, checkpoint: Path, kind: str, rows: dict) -> dict[str, list]:
    """Trains the students of one table, each of several seeds, and scores them."""
    epochs = getattr(args, f"{kind}_epochs")
    config = student_config(kind, teacher, str(checkpoint), args.work)
    frames = sum(1 for _ in (args.work / "frames").rglob("*.png"))
    scores = {}
    for number, (title, row) in enumerate(rows.items()):
        scores[title] = []
        for seed in range(args.seeds):
            options = [f"pretrained.checkpoint={checkpoint}", f"pretrained.encoder_only={args.start == 'encoder'}"]
            options += [f"randomness.seed={seed}", f"train_cfg.max_epochs={epochs}", *UNWATCHED]
            options += [f"optim_wrapper.optimizer.lr={args.lr}"] if args.lr else []
            name = f"{kind}_{args.start}_{number}_{seed}"
            base = str(ROOT / f"configs/relative/student_{kind}_small.py")
            trained = train(args.work, name, base, changed(config, row, frames), ["--cfg-options", *options])
            scores[title].append(score(args.real, teacher, trained, args.work / name / "scores.json"))
    return scores


def main() -> None:
    """Trains, labels, scores, and prints the tables."""
    args = parse_args()
    args.work, args.real = args.work.resolve(), args.real.resolve()
    init_default_scope("mdetools")
    write_frames(args.real, args.work / "frames")
    config, checkpoint = args.teacher or (str(ROOT / "configs/relative/teacher_small.py"), None)
    roots = [
        word for name, root in args.data_root or () for word in ("--data-root", f"{name}={root}" if name else root)
    ]
    cfg = load_config(config, None, args.data_root)
    if checkpoint is None:
        checkpoint = train(args.work, "teacher", config, {}, [*roots, "--cfg-options", *UNWATCHED])
    checkpoint = Path(checkpoint).resolve()
    run(args.work, "labels", "pseudo_label.py", config, checkpoint, args.work / "frames", args.work / "labels")
    of_teacher = {"teacher": [score(args.real, cfg, checkpoint, args.work / "teacher_scores.json")]}
    if args.only != "v1":
        rows = students(args, cfg, checkpoint, "v2", V2)
        print(f"abs_rel (difference from the teacher, 95 % interval)\n{table(of_teacher | rows, 'teacher')}")
    if args.only != "v2":
        rows = students(args, cfg, checkpoint, "v1", V1)
        print(f"abs_rel (difference from labelled only, 95 % interval)\n{table(rows | of_teacher, 'labelled only')}")


if __name__ == "__main__":
    main()
