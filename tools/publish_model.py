"""Puts a trained model into one file: python tools/publish_model.py CONFIG CKPT NAME.safetensors --licence Apache-2.0

Such a file holds the model's config, preprocessing and quantity beside its weights: `mdetools.apis.load`,
`tools/infer.py --model` and `tools/evaluate.py` need nothing else. NAME.md beside it is the model's card.
"""

import argparse

from mdetools.engine.process.cli import add_config_options, add_overwrite_argument, add_weights_argument, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", metavar="CONFIG", help="config that the model was trained with, by path or name")
    parser.add_argument("checkpoint", metavar="CKPT", help="weights of any known format, for the whole model")
    parser.add_argument("out", metavar="NAME.safetensors", help="file to write; its name is the model's")
    parser.add_argument("--licence", required=True, metavar="L", help="of the weights, e.g. Apache-2.0")
    parser.add_argument(
        "--weights",
        choices=["ema", "plain"],
        help="ema: averaged over the training; plain: of the last step (default: averaged ones where there are some)",
    )
    parser.add_argument("--fp16", action="store_true", help="store the weights in float16, in half of the space")
    parser.add_argument(
        "--earlier", nargs="+", default=[], metavar="CKPT", help="what the training started from: its data is noted too"
    )
    add_overwrite_argument(parser)
    add_config_options(parser)
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    """Publishes; returns 0."""
    from pathlib import Path

    from mdetools.apis.publishing import publish
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.preflight import check_output_file, check_replaced
    from mdetools.errors import UserError

    if Path(args.out).suffix != ".safetensors":
        raise UserError(f"the file to write is '{args.out}', expected NAME.safetensors; add the ending")
    check_output_file(args.out, "NAME.safetensors")
    check_replaced([args.out, Path(args.out).with_suffix(".md")], args.overwrite)
    cfg = load_config(args.config, dict(args.cfg_options))
    if args.weights_as_is:
        cfg.weights_as_is = True
    header = publish(
        cfg, args.checkpoint, args.out, args.licence, args.fp16, weights=args.weights, earlier=args.earlier
    )
    size = Path(args.out).stat().st_size / 1e6
    print(f"{args.out}: '{header.name}' predicts {header.quantity}, {size:.1f} MB, licence {header.licence}")
    for source in header.facts.get("trained_on", [{"kind": "the checkpoint does not say"}]):
        print("trained on", *source.values())
    for name, value in header.facts.get("metrics", {}).items():
        print(f"{name} {value:.4g} ({header.facts.get('protocol', 'of its validation')})")
    print(f"{Path(args.out).with_suffix('.md')}: the model's card")
    return 0


if __name__ == "__main__":
    run_cli(main, parse_args())
