"""Lists what can stand in `type=`: python tools/list_components.py [REGISTRY]"""

import argparse

from mdetools.engine.process.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="List the registered components, those of plugins included.")
    parser.add_argument("registry", nargs="?", metavar="REGISTRY", help="one registry, e.g. BACKBONES (default: all)")
    parser.add_argument("--all", action="store_true", help="MMEngine's own components too")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Lists name, summary and module of each component."""
    import inspect

    from mdetools import registry
    from mdetools.errors import UserError

    registries = {name: one for name, one in vars(registry).items() if isinstance(one, registry.Registry)}
    if args.registry is not None and args.registry not in registries:
        raise UserError(f"no registry '{args.registry}'; expected one of: {', '.join(registries)}")
    for name in [args.registry] if args.registry else registries:
        names = registries[name].names()
        shown = names if args.all else [one for one in names if one in registries[name].module_dict]
        if shown:
            print(name)
        for one in shown:
            component = registries[name].get(one)
            summary = (inspect.getdoc(component) or "").partition("\n")[0]
            print(f"  {one:<26} {summary}  [{component.__module__}]")


if __name__ == "__main__":
    run_cli(main, parse_args())
