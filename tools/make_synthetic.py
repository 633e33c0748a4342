"""Makes a synthetic data set, so that everything runs without a download.

python tools/make_synthetic.py nyu data/nyu --train 800 --val 100
"""

import argparse
import os
from pathlib import Path


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


def parse_args() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description="Ray-casts a synthetic data set with exact metric depth.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    nyu = kinds.add_parser("nyu", help="furnished rooms, in the FastDepth layout of NYU Depth V2")
    nyu.add_argument("out", type=Path, metavar="OUT", help="folder to write to: new, empty, or of the same settings")
    nyu.add_argument("--train", type=natural, default=800, metavar="N", help="training frames (%(default)s)")
    nyu.add_argument("--val", type=natural, default=100, metavar="M", help="validation frames (%(default)s)")
    nyu.add_argument("--size", type=image_size, default=(240, 320), metavar="HxW", help="image size (240x320)")
    nyu.add_argument("--seed", type=natural, default=0, help="seed of the rooms (%(default)s)")
    nyu.add_argument(
        "--sensor", action=argparse.BooleanOptionalAction, default=False, help="a Kinect's holes and noise in the depth"
    )
    nyu.add_argument("--workers", type=natural, default=0, metavar="K", help="processes (0: one a core)")
    nyu.add_argument("--preview", action="store_true", help="also draw 16 of the frames into OUT/preview.png")
    nyu.add_argument("--debug", action="store_true", help="show the traceback of a user's mistake too")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Makes the data set."""
    from mdetools.datasets.synthetic.nyu_writer import NYUSettings, write_nyu
    from mdetools.datasets.synthetic.preview import save_contact_sheet
    from mdetools.progress import track

    settings = NYUSettings(*args.size, seed=args.seed, sensor=args.sensor)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counts = {"train": args.train, "val": args.val}
    total = args.train + args.val
    done = list(track(write_nyu(args.out, settings, counts, args.workers or cores), total, "frames"))
    written = sum(new for _, new in done)
    print(
        f"{args.out}: {args.train} training and {args.val} validation frames; {written} written, {total - written} kept"
    )
    if args.preview and done:
        shown = done[:: max(total // 16, 1)][:16]
        save_contact_sheet([args.out / path for path, _ in shown], args.out / "preview.png")
        print(f"{args.out / 'preview.png'}: {len(shown)} of the frames")


if __name__ == "__main__":
    from mdetools.engine.cli import run_cli

    run_cli(main, parse_args())
