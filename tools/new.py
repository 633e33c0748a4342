"""Writes a component of your own, to be changed: mdetools new loss my_loss"""

import argparse

from mdetools.engine.process.cli import run_cli

KINDS = ("backbone", "head", "loss", "dataset", "transform", "step", "metric")


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description="Write a component that works, a test that it passes and a page, into the folder of a plugin."
    )
    parser.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
    parser.add_argument("name", metavar="NAME", help="of the class, such as MyLoss or my_loss")
    parser.add_argument(
        "--folder", default=".", metavar="DIR", help="of the plugin, made if need be (default: the current folder)"
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of a user's mistake too")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Writes, and says what comes next."""
    from mdetools.apis.scaffolding import write_component

    for path in write_component(args.kind, args.name, args.folder):
        print(path)
    print(
        f"next: `pip install -e {args.folder}`, or custom_imports in a config and PYTHONPATH={args.folder} before the "
        f"command; then `python -m pytest {args.folder}`; change the class as you need it"
    )


if __name__ == "__main__":
    run_cli(main, parse_args())
