"""Classes of ray-cast pictures from the image, from depth, and from both: the tables of docs/downstream.md.

    python -m benchmarks.downstream.classification WORK
    python -m benchmarks.downstream.classification WORK --kind colours

It makes the pictures (tools/make_synthetic.py shapes), lets mdetools-tiny predict their depth (tools/pseudo_label.py),
trains configs/downstream/classification_*_small.py with several seeds, and compares the runs (tools/compare_runs.py).
`layouts` are classes that depth tells apart, `colours` such that it tells nothing of. What stands in WORK already is
not done again.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "mdetools/pretrained/mdetools-tiny.safetensors"
VARIANTS = ("rgb", "rgbd", "exact", "depth", "control")


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, metavar="WORK")
    parser.add_argument("--kind", choices=["layouts", "colours"], default="layouts", help="what the classes are")
    parser.add_argument("--train", type=int, default=700, help="pictures (%(default)s)")
    parser.add_argument("--val", type=int, default=700, help="likewise (%(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    parser.add_argument("--epochs", type=int, help="default: the configs'")
    return parser.parse_args()


def run(tool: str, *words: object) -> None:
    """A tool of mdetools, which must succeed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_ALBUMENTATIONS_UPDATE": "1"}
    subprocess.run([sys.executable, ROOT / "tools" / f"{tool}.py", *map(str, words)], check=True, env=environment)


def prepare(data: Path, args: argparse.Namespace) -> None:
    """Makes the pictures and what mdetools-tiny says of their depth."""
    counts = ["--train", args.train, "--val", args.val]
    run("make_synthetic", "shapes", data, "--kind", args.kind, *counts, "--workers", 1)
    if not (data / "predicted").is_dir():
        for split in ("train", "val"):
            out = data / "predicted" / split
            run("pseudo_label", "relative/tiny", TINY, data / split, out, "--no-flip", "--workers", 0)


def classes_of(data: Path) -> int:
    """How many folders of classes there are."""
    return sum(path.is_dir() for path in (data / "train").iterdir())


def train(work_dir: Path, data: Path, variant: str, seed: int, args: argparse.Namespace) -> None:
    """Trains one run, if it is not there; its results are those of the last epoch."""
    results = work_dir / "results.json"
    if results.is_file():
        return
    options = [f"randomness.seed={seed}", f"val_evaluator.out_file={results}", "default_hooks.checkpoint.best=None"]
    options += [f"model.head.num_classes={classes_of(data)}"]
    options += [f"train_cfg.max_epochs={args.epochs}", f"train_cfg.val_interval={args.epochs}"] if args.epochs else []
    if args.kind == "colours":  # which augmentation would change
        options.append("train_dataloader.dataset.pipeline.colours=None")
    config = f"downstream/classification_{variant}_small"
    started = time.perf_counter()
    run("train", config, "--data-root", data, "--work-dir", work_dir, "--cfg-options", *options)
    (work_dir / "minutes.json").write_text(json.dumps((time.perf_counter() - started) / 60))


def main() -> None:
    """Makes the data, trains, and compares."""
    args = parse_args()
    work = args.work.resolve() / args.kind
    prepare(work / "data", args)
    runs = [work / f"{variant}_seed{seed}" for seed in args.seeds for variant in args.variants]
    for seed in args.seeds:
        for variant in args.variants:
            train(work / f"{variant}_seed{seed}", work / "data", variant, seed, args)
    minutes = [json.loads((path / "minutes.json").read_text()) for path in runs if (path / "minutes.json").is_file()]
    print(f"{len(runs)} runs, {sum(minutes) / max(len(minutes), 1):.1f} minutes each")
    run(
        "compare_runs", *runs, "--by", "folder", "--baseline", args.variants[0], "--metric", "top1",
        "--markdown", work / "comparison.md",
    )  # fmt: skip


if __name__ == "__main__":
    main()
