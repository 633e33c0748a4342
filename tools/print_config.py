"""Prints a config with all that it inherits: python tools/print_config.py configs/dav2/vits_nyu.py"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Print a config with its bases merged and its overrides applied.")
    add_config_arguments(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Prints."""
    from mdetools.engine.configs.loading import load_config

    print(load_config(args.config, dict(args.cfg_options), args.data_root).pretty_text)


if __name__ == "__main__":
    run_cli(main, parse_args())
