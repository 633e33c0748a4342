"""Makes a synthetic data set, so that everything runs without a download.

python tools/make_synthetic.py nyu data/nyu --train 800 --val 100
python tools/make_synthetic.py kitti data/kitti --train 600 --val 100
python tools/make_synthetic.py worlds data/worlds --train 20000 --val 500
python tools/make_synthetic.py segmentation data/rooms --scenes rooms --train 400 --val 100
python tools/make_synthetic.py shapes data/shapes --train 700 --val 350
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

KINDS_HELP = "kinds of worlds, each with its share of the frames (all kinds), e.g. interior=0.7 drive=0.3"
TASK_HELP = "what the class is: how walls stand, which depth tells, or the colour of things (%(default)s)"


def image_size(text: str) -> tuple[int, int]:
    """Parses `HxW`."""
    height, separator, width = text.lower().partition("x")
    if not separator or not height.isdigit() or not width.isdigit() or min(int(height), int(width)) < 16:
        raise argparse.ArgumentTypeError(f"expected HxW of at least 16x16, e.g. 240x320, got '{text}'")
    return int(height), int(width)


def natural(text: str) -> int:
    """Parses an integer that is not negative."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected an integer from 0 on, got '{text}'")
    return int(text)


def kind_share(text: str) -> tuple[str, float]:
    """Parses `KIND` or `KIND=SHARE`."""
    kind, _, share = text.partition("=")
    try:
        value = float(share or 1)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a share above 0, e.g. {kind}=0.5, got '{text}'")
    return kind, value


def parse_args() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description="Ray-casts a synthetic data set with exact metric depth.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    nyu = kinds.add_parser("nyu", help="furnished rooms, in the FastDepth layout of NYU Depth V2")
    add_common_options(nyu, train=800, size=(240, 320))
    nyu.add_argument(
        "--sensor", action=argparse.BooleanOptionalAction, default=False, help="a Kinect's holes and noise in the depth"
    )
    kitti = kinds.add_parser("kitti", help="streets seen by a stereo pair and a velodyne, in the layout of KITTI raw")
    add_common_options(kitti, train=600, size=(188, 620))
    worlds = kinds.add_parser("worlds", help="scenes and cameras of many kinds, as images with depth (RGBDDataset)")
    add_common_options(worlds, train=20000, size=(160, 224))
    worlds.add_argument("--kinds", type=kind_share, nargs="+", metavar="KIND[=SHARE]", help=KINDS_HELP)
    segmentation = kinds.add_parser("segmentation", help="rooms or streets with the class of every pixel")
    add_common_options(segmentation, train=400, size=None)
    segmentation.add_argument("--scenes", required=True, metavar="{rooms,streets}", help="what the frames show")
    shapes = kinds.add_parser("shapes", help="pictures with a class each, in a folder of its name: how walls stand")
    add_common_options(shapes, train=700, size=(96, 128))
    shapes.add_argument("--kind", dest="task", default="layouts", metavar="{layouts,colours}", help=TASK_HELP)
    return parser.parse_args()


def add_common_options(parser: argparse.ArgumentParser, train: int, size: tuple[int, int] | None) -> None:
    """Adds what every kind of data set takes, with its own defaults; a size of None is left to the scenes."""
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write to: new, empty, or of the same settings")
    parser.add_argument("--train", type=natural, default=train, metavar="N", help="training frames (%(default)s)")
    parser.add_argument("--val", type=natural, default=100, metavar="M", help="validation frames (%(default)s)")
    shown = f"image size ({size[0]}x{size[1]})" if size else "image size (128x160 for rooms, 128x256 for streets)"
    parser.add_argument("--size", type=image_size, default=size, metavar="HxW", help=shown)
    parser.add_argument("--seed", type=natural, default=0, help="seed of the scenes (%(default)s)")
    parser.add_argument("--workers", type=natural, default=0, metavar="K", help="processes (0: one per core)")
    parser.add_argument("--preview", action="store_true", help="also draw 16 of the frames into OUT/preview.png")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a user's mistake too")


def start_writing(args: argparse.Namespace, counts: dict[str, int], workers: int) -> Iterator[tuple]:
    """Frames of the kind asked for, as they are written."""
    if args.kind == "nyu":
        from mdetools.synthetic.writers import NYUSettings, write_nyu

        return write_nyu(args.out, NYUSettings(*args.size, seed=args.seed, sensor=args.sensor), counts, workers)
    if args.kind == "worlds":
        from mdetools.synthetic.writers import WorldSettings, write_worlds

        kinds = {"kinds": dict(args.kinds)} if args.kinds else {}
        return write_worlds(args.out, WorldSettings(*args.size, seed=args.seed, **kinds), counts, workers)
    if args.kind == "segmentation":
        from mdetools.synthetic.writers import segmentation_settings, write_segmentation

        return write_segmentation(args.out, segmentation_settings(args.scenes, args.size, args.seed), counts, workers)
    if args.kind == "shapes":
        from mdetools.synthetic.writers import ClassificationSettings, write_classification

        settings = ClassificationSettings(args.task, *args.size, seed=args.seed)
        return write_classification(args.out, settings, counts, workers)
    from mdetools.synthetic.writers import KITTISettings, write_kitti

    return write_kitti(args.out, KITTISettings(*args.size, seed=args.seed), counts, workers)


def draw_preview(args: argparse.Namespace, shown: list) -> None:
    """Draws frames into `OUT/preview.png`."""
    from mdetools.synthetic.writers.preview import (
        save_contact_sheet,
        save_semantic_sheet,
        save_street_sheet,
        save_world_sheet,
    )

    target = args.out / "preview.png"
    if args.kind == "nyu":
        save_contact_sheet([args.out / path for path in shown], target)
    else:
        sheets = {"segmentation": save_semantic_sheet, "kitti": save_street_sheet}
        sheets.get(args.kind, save_world_sheet)(
            [tuple(args.out / path for path in frame.paths) for frame in shown], target
        )
    print(f"{target}: {len(shown)} of the frames")


def main(args: argparse.Namespace) -> None:
    """Makes the data set."""
    from mdetools.progress import track

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counts = {"train": args.train, "val": args.val}
    total = args.train + args.val
    done = list(track(start_writing(args, counts, args.workers or cores), total, "frames"))
    written = sum(new for _, new in done)
    print(
        f"{args.out}: {args.train} training and {args.val} validation frames; {written} written, {total - written} kept"
    )
    if args.preview and done:
        draw_preview(args, [frame for frame, _ in done[:: max(total // 16, 1)][:16]])


if __name__ == "__main__":
    from mdetools.engine.process.cli import run_cli

    run_cli(main, parse_args())
