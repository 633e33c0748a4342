"""Writes the frames of a split that are on the disk, one `<date>/<drive> <frame> <side>` per line.

    python tools/list_kitti_frames.py data/kitti garg_train data/kitti/garg_train.txt

From a list of drives, such as garg_train and garg_test, it makes the list of frames: every frame whose two images
exist. The result is a split in its turn.
"""

import argparse
from pathlib import Path

from mdetools.engine.process.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_root", type=Path, metavar="DATA_ROOT", help="folder of <date>/<drive>")
    parser.add_argument("split", metavar="SPLIT", help="file or name of a split")
    parser.add_argument("out", type=Path, metavar="OUT.txt", help="file to write; its folder is made")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a user's mistake too")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Writes the list."""
    from mdetools.datasets.kitti.on_disk import without_image
    from mdetools.datasets.kitti.split_list import read_split
    from mdetools.errors import UserError
    from mdetools.files import write_text

    path, frames = read_split(args.split, args.data_root)
    missing = {frame for frame, _ in without_image(args.data_root, frames)}
    lines = [frame.id for frame in frames if frame not in missing]
    if not lines:
        raise UserError(
            f"{path}: none of its {len(frames)} frames has an image in {args.data_root}, e.g. '{frames[0].id}'; set "
            "DATA_ROOT to the folder of <date>/<drive>, or choose another split"
        )
    write_text(args.out, "".join(f"{line}\n" for line in lines), "{cure}, or give another OUT")
    print(f"{args.out}: {len(lines)} frames of {path}, {len(missing)} are not in {args.data_root}")


if __name__ == "__main__":
    run_cli(main, parse_args())
