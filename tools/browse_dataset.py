"""Shows what the network sees of a data set, after augmentation: docs/pictures.md.

python tools/browse_dataset.py configs/dav2/vits_nyu.py --data-root data/nyu --out seen.png
python tools/browse_dataset.py dav2/vits_kitti_stereo --split val --count 20 --out seen/
python tools/browse_dataset.py dav2/vits_nyu --views 4 --count 3
"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, add_overwrite_argument, positive, run_cli, whole


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_config_arguments(parser)
    add = parser.add_argument
    add("--split", choices=["train", "val", "test"], default="train", help="whose loader (default: train)")
    add("--count", type=positive, default=8, metavar="N", help="samples, or frames of --views (default: 8)")
    add("--views", type=positive, metavar="N", help="this many augmented views of each frame, side by side")
    add("--seed", type=whole, metavar="S", help="of the training (default: the config's, else 0)")
    add("--out", default="browse.png", metavar="O", help="one sheet, or a folder of pictures (default: browse.png)")
    add_overwrite_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Draws."""
    from mdetools.apis.pictures import browse, browse_views, check_output, write_panels
    from mdetools.engine.configs.loading import load_config

    check_output(args.out, args.overwrite)
    cfg = load_config(args.config, dict(args.cfg_options), args.data_root)
    seed = args.seed if args.seed is not None else (cfg.get("randomness") or {}).get("seed") or 0
    if args.views is None:
        panels = browse(cfg, args.split, args.count, seed)
    else:
        panels = browse_views(cfg, args.split, args.count, args.views, seed)
    for line in write_panels(args.out, panels, overwrite=args.overwrite):
        print(line)


if __name__ == "__main__":
    run_cli(main, parse_args())
