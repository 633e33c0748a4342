"""Prints a config with all that it inherits: python tools/print_config.py configs/dav2/vits_nyu.py

python tools/print_config.py CONFIG --where optim_wrapper.optimizer.lr    # the file that set it, with the line
python tools/print_config.py CONFIG --diff OTHER                          # what the other has otherwise
"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Print a config with its bases merged and its overrides applied.")
    add_config_arguments(parser)
    parser.add_argument(
        "--where", nargs="+", metavar="KEY", help="print which file set a key, e.g. optim_wrapper.optimizer.lr, instead"
    )
    parser.add_argument("--diff", metavar="OTHER", help="print what another config has otherwise, instead")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Prints."""
    from mdetools.engine.configs.explaining import differences, origin
    from mdetools.engine.configs.loading import load_config

    for key in args.where or ():  # of a config with a mistake too, which this helps to find
        print(f"{key}: {origin(args.config, key, dict(args.cfg_options))}")
    if args.where and not args.diff:
        return
    cfg = load_config(args.config, dict(args.cfg_options), args.data_root)
    if args.diff:
        other = load_config(args.diff, data_root=args.data_root)
        print("\n".join(differences(cfg.to_dict(), other.to_dict())) or "no difference")
    else:
        print(cfg.pretty_text)


if __name__ == "__main__":
    run_cli(main, parse_args())
