"""Exports a trained model: python tools/export.py CONFIG CKPT --to onnx --dynamic --out MODEL.onnx

In place of CONFIG CKPT, a published file or the name of a model that comes with mdetools. MODEL.json, beside the graph,
says how to run it; examples/onnx_runner.py does so. Needs the extra "export" for ONNX.
"""

import argparse

from mdetools.engine.process.cli import add_config_options, add_overwrite_argument, add_weights_argument, run_cli

MOST_PICTURES = 30


def size(text: str) -> tuple[int, int]:
    """Parses HxW."""
    sides = text.lower().split("x")
    if len(sides) != 2 or not all(side.isascii() and side.isdecimal() and int(side) for side in sides):
        raise argparse.ArgumentTypeError(f"expected HxW, e.g. 518x686, got '{text[:40]}'")
    return int(sides[0]), int(sides[1])


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage="%(prog)s [options] {CONFIG CKPT | MODEL} --to FORMAT --out FILE",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", nargs="+", metavar="MODEL", help="CONFIG CKPT, or a published model's file or name")
    parser.add_argument("--to", required=True, choices=["onnx", "torch_export", "torchscript"], help="format")
    parser.add_argument("--out", required=True, metavar="FILE", help="file to write: .onnx, .pt2 or .pt")
    parser.add_argument("--dynamic", action="store_true", help="take images of any height and width, and any number")
    parser.add_argument(
        "--size", type=size, metavar="HxW", help="the one size otherwise (default: the config's Resize)"
    )
    parser.add_argument("--fp16", action="store_true", help="weights and arithmetic of 16 bits")
    parser.add_argument(
        "--int8", action="store_true", help="weights of 8 bits, activations quantized as they come; ONNX"
    )
    parser.add_argument(
        "--pictures",
        nargs="+",
        default=[],
        metavar="P",
        help=f"pictures, folders or lists, {MOST_PICTURES} images at most, to compare maps on (default: a made-up one)",
    )
    parser.add_argument(
        "--limit", type=float, metavar="L", help="largest difference allowed, a part of the map's range"
    )
    add_overwrite_argument(parser)
    add_config_options(parser)
    add_weights_argument(parser)
    return parser.parse_args()


def load(args: argparse.Namespace):
    """Loads the model that the command line names."""
    from mdetools.apis.evaluation.loading import load_model, read_candidate
    from mdetools.apis.evaluation.naming import Candidate
    from mdetools.apis.published import find_published
    from mdetools.engine.configs.finding import config_path
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.configs.required_entries import require_entries
    from mdetools.errors import UserError
    from mdetools.models.model_config import without_training
    from mdetools.weights.published import require_published

    if len(args.model) > 2:
        raise UserError(
            f"the model is {' '.join(args.model)}, expected CONFIG CKPT or one published MODEL; leave some out"
        )
    if len(args.model) == 1 and config_path(args.model[0]) is not None:
        raise UserError(f"the config '{args.model[0]}' is given alone, expected CONFIG CKPT; add the checkpoint")
    if len(args.model) == 1:
        if args.cfg_options:
            raise UserError("--cfg-options is for a model given as CONFIG CKPT; leave it out")
        candidate = Candidate("", None, str(find_published(args.model[0])))
        require_published(candidate.checkpoint, f"give its config too: mdetools export CONFIG CKPT --to {args.to}")
        cfg = read_candidate(candidate)
    else:
        candidate = Candidate("", *args.model)
        cfg = load_config(args.model[0], dict(args.cfg_options))
        require_entries(cfg, "an export", "model")
    cfg.model = without_training(cfg.model)
    return load_model(candidate, cfg, "cpu", args.weights_as_is)


def read_pictures(places: list[str]) -> list:
    """The pictures of the command line, evenly chosen if there are many."""
    from pathlib import Path

    from mdetools.datasets.image_folder.images import find_images
    from mdetools.datasets.matching import IMAGE_ENDINGS
    from mdetools.datasets.readers.image import read_image

    files = []
    for place in places:
        is_picture = Path(place).suffix.lower() in IMAGE_ENDINGS
        files += [place] if is_picture else find_images(place, None).files
    return [read_image(file, upright=True) for file in files[:: max(1, -(-len(files) // MOST_PICTURES))]]


def sizes_taken(description: dict) -> str:
    """The images that a graph takes, in words."""
    size, multiple = description["input"]["size"], description["resize"]["multiple_of"]
    if size is not None:
        return "images of {}x{}".format(*size)
    return "images of any size" if multiple == 1 else f"images whose sides are multiples of {multiple}"


def main(args: argparse.Namespace) -> int:
    """Exports; returns 0."""
    from pathlib import Path

    from mdetools.apis.export import ExportOptions, check_options, export_model
    from mdetools.engine.process.preflight import check_output_file, check_replaced
    from mdetools.errors import UserError

    if args.fp16 and args.int8:
        raise UserError("--fp16 and --int8 are two precisions, expected one; leave the other out")
    precision = "fp16" if args.fp16 else "int8" if args.int8 else "fp32"
    options = ExportOptions(args.to, args.dynamic, precision, args.size, args.limit)
    check_options(options, args.out)
    check_output_file(args.out, "--out")
    check_replaced([args.out, f"{args.out}.data", Path(args.out).with_suffix(".json")], args.overwrite)
    pictures = read_pictures(args.pictures)
    description = export_model(load(args), options, args.out, pictures)
    output = description["output"]
    unit = f" in {output['unit']}" if output["unit"] else ", relative" if output["relative"] else ""
    takes, megabytes = sizes_taken(description), Path(args.out).stat().st_size / 1e6
    beside = Path(args.out).with_suffix(".json")
    print(
        f"{args.out}: {output['quantity']}{unit}, {precision}, takes {takes}, {megabytes:.1f} MB; {beside} describes it"
    )
    return 0


if __name__ == "__main__":
    run_cli(main, parse_args())
