"""Writes a checkpoint in another format, bit for bit: docs/weights.md.

    python tools/convert_checkpoint.py best_abs_rel.pth my-depth-model --to huggingface
    python tools/convert_checkpoint.py best_abs_rel.pth depth.pth --to official
    python tools/convert_checkpoint.py depth_anything_v2_vits.pth own.pth --to mdetools --config dav2/vits_relative

What the other format cannot hold is refused; what its program does differently is measured, printed, and written into
a card beside the result.
"""

import argparse

from mdetools.engine.process.cli import add_config_options, add_overwrite_argument, add_weights_argument, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "checkpoint", metavar="IN", help="weights of any known format: a file, a Hugging Face folder, or mdetools-tiny"
    )
    parser.add_argument("out", metavar="OUT", help="NAME.pth; for --to huggingface a folder")
    parser.add_argument("--to", required=True, metavar="FORMAT", help="mdetools, official or huggingface")
    parser.add_argument(
        "--config", metavar="CONFIG", help="config of the model, by path or name (default: what IN says of it)"
    )
    parser.add_argument("--picture", metavar="F", help="picture to measure differences on (default: a drawn one)")
    parser.add_argument("--no-measure", action="store_true", help="do not run the model to measure differences")
    add_overwrite_argument(parser)
    add_config_options(parser)
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Converts."""
    from pathlib import Path

    from mdetools.apis.conversion import check_place, convert, result_files
    from mdetools.datasets.readers.image import read_image
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.preflight import check_replaced
    from mdetools.errors import UserError

    if args.cfg_options and not args.config:
        raise UserError("--cfg-options changes a config; give it by --config")
    check_place(Path(args.checkpoint), Path(args.out), args.to)
    check_replaced(result_files(args.out, args.to), args.overwrite)
    cfg = load_config(args.config, dict(args.cfg_options)) if args.config else None
    picture = read_image(args.picture, upright=True) if args.picture else None
    done = convert(args.checkpoint, args.out, args.to, cfg, picture, not args.no_measure, args.weights_as_is)
    print(f"{done.weights} weights, bit for bit: {', '.join(map(str, done.files))}")
    if done.unused:
        print(f"{len(done.unused)} that no forward pass uses are zeros: {', '.join(done.unused)}")
    if done.agreement is not None:
        print(f"transformers' map of the same tensor, 518x518: at most {done.agreement:.1e} of the range away")
    for difference in done.differences:
        print(f"different there: {difference}")


if __name__ == "__main__":
    run_cli(main, parse_args())
