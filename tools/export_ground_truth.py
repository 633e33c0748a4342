"""Writes the depth of a split to one .npz, which KITTIDataset(ground_truth=...) reads instead of projecting scans.

    python tools/export_ground_truth.py CONFIG OUT.npz [--data-root D]
    python tools/export_ground_truth.py OUT.npz --data-root data/kitti --split eigen_test --depth-source velodyne

The first takes the test set of a config. For each frame of the split, the file has a float32 (H, W) array of metres, 0
where unknown. Its name is the frame's id: the line of the split, with ranges and * spelt out and the frame's number
without leading zeros, e.g. "2011_09_26/2011_09_26_drive_0002_sync 69 l".
"""

import argparse
import inspect
from collections.abc import Iterator
from pathlib import Path

from mdetools.engine.process.cli import key_value, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", metavar="CONFIG", help="config whose test set is exported")
    parser.add_argument("out", type=Path, metavar="OUT.npz", help="file to write")
    parser.add_argument(
        "--data-root", metavar="D", help="folder of the data set (default: the config's, or data/kitti)"
    )
    parser.add_argument("--split", help="file or name of the split (default: the config's, or eigen_test)")
    parser.add_argument("--depth-source", metavar="S", help="kind of depth (default: the config's, or velodyne)")
    parser.add_argument(
        "--cfg-options", nargs="+", type=key_value, default=[], metavar="KEY=VALUE", help="of the config"
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of a user's mistake too")
    return parser.parse_args()


def dataset_config(args: argparse.Namespace) -> dict:
    """The config of the data set to export: KITTI or the config's test set, with what the command line changes.

    Raises:
        UserError: if the command line sets what this type of data set does not have.
    """
    from mdetools.engine.configs.loading import load_config
    from mdetools.errors import UserError
    from mdetools.registry import DATASETS

    if args.config is None:
        settings = dict(type="KITTIDataset", data_root="data/kitti", split="eigen_test", depth_source="velodyne")
    else:
        settings = dict(load_config(args.config, dict(args.cfg_options)).test_dataloader.dataset)
    options = dict(data_root=args.data_root, split=args.split, depth_source=args.depth_source)
    given = {key: value for key, value in options.items() if value is not None}
    kind = DATASETS.find(settings["type"])
    known = inspect.signature(kind).parameters if kind else given  # `build` tells of an unknown type
    for key in given:
        if key not in known:
            option = f"--{key.replace('_', '-')}"
            raise UserError(f"{option} is given, but {settings['type']} has no argument '{key}'; leave {option} out")
    settings |= given
    return settings | (dict(pipeline=[], ground_truth=None, stereo=False) if settings["type"] == "KITTIDataset" else {})


def main(args: argparse.Namespace) -> None:
    """Exports the depths."""
    from mdetools.datasets import BaseDataset
    from mdetools.datasets.readers import write_ground_truth
    from mdetools.errors import UserError
    from mdetools.progress import track
    from mdetools.registry import DATASETS

    if args.out.suffix != ".npz":
        raise UserError(f"'{args.out}' is to be written, expected a name that ends in .npz; give OUT.npz last")
    dataset = DATASETS.build(dataset_config(args))

    def depths(dataset: BaseDataset) -> Iterator:
        for index in track(range(len(dataset)), len(dataset), "depth"):
            sample = dataset.load(index)
            if "depth" not in sample:
                raise UserError("the data set gives no depth; set depth_source, e.g. --depth-source velodyne")
            yield sample["meta"]["id"], sample["depth"]

    write_ground_truth(args.out, depths(dataset), getattr(dataset, "metainfo", {}).get("ground_truth"))
    print(f"{args.out}: depth of {len(dataset)} frames, {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    run_cli(main, parse_args())
