"""Predicts the depth of pictures and videos: python tools/infer.py photo.jpg, or ... CONFIG CKPT photos/ video.mp4"""

import argparse

from mdetools.engine.process.cli import (
    add_config_options,
    add_overwrite_argument,
    add_weights_argument,
    positive,
    run_cli,
)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description="Predict the depth of pictures and videos, or what else a model predicts.",
        usage="%(prog)s [options] [CONFIG CKPT] INPUT [INPUT ...]",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="images, videos, folders, lists (.txt, .csv) or quoted patterns, for mdetools-tiny, which is relative; a "
        "config and a checkpoint before them name another model",
    )
    parser.add_argument("--model", metavar="M", help="a published model, by its name or file, in place of CONFIG CKPT")
    parser.add_argument("--out", metavar="DIR", default="out", help="folder of the results (default: out)")
    add_overwrite_argument(parser)
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    add_files(parser.add_argument_group("files"))
    add_pictures(parser.add_argument_group("pictures"))
    add_computing(parser.add_argument_group("computing"))
    add_config_options(parser)
    add_weights_argument(parser)
    return parser.parse_args()


def add_files(group) -> None:
    """Adds what is written beside the picture."""
    group.add_argument("--save-npy", action="store_true", help="write <stem>.npy, float32, at the image's own size")
    group.add_argument(
        "--save",
        nargs="+",
        action="extend",
        default=[],
        metavar="FORMAT",
        help="further files: npy, png16, exr; of metric depth ply (points), glb (mesh) and gif (points, turning)",
    )
    group.add_argument("--focal-length", type=float, metavar="PIXELS", help="of every picture (default: its own)")
    group.add_argument("--intrinsics", metavar="FILE", help="camera of every picture, as intrinsics.txt or .json")
    group.add_argument("--baseline", type=float, metavar="METRES", help="makes depth of a stereo model's disparity")
    group.add_argument(
        "--cut-edges",
        type=float,
        nargs="?",
        const=0.05,
        metavar="RATIO",
        help="leave out of clouds the pixels where depth jumps by more than this (alone: 0.05)",
    )


def add_pictures(group) -> None:
    """Adds how predictions are drawn."""
    group.add_argument("--pred-only", action="store_true", help="the prediction alone, at the image's size")
    group.add_argument("--grayscale", action="store_true", help="near bright and far dark, in place of colours")
    group.add_argument("--colormap", metavar="NAME", help="Spectral, viridis, magma ..., reversed by _r")
    group.add_argument("--vmin", type=float, help="value of the first colour (default: 1st percentile)")
    group.add_argument("--vmax", type=float, help="value of the last colour (default: 99th percentile)")
    group.add_argument("--one-range", action="store_true", help="one range of colours for a whole video")
    group.add_argument("--smooth", type=float, default=0.0, metavar="W", help="weight of the past in a video, e.g. 0.5")


def add_computing(group) -> None:
    """Adds how it is computed."""
    group.add_argument("--flip", choices=["mean", "stereo"], help="average with the mirrored image")
    group.add_argument("--input-size", type=positive, metavar="N", help="pixels that the sides have at least")
    group.add_argument("--tiles", type=positive, metavar="N", help="side of tiles that add detail to larger images")
    group.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    group.add_argument("--compile", action="store_true", dest="compile_model", help="compile the backbone")
    group.add_argument("--batch-size", type=positive, metavar="N", help="images at once (default: 8 on a GPU, else 1)")
    group.add_argument("--workers", type=positive, default=4, metavar="N", help="threads that read (default: 4)")


def choose_model(args: argparse.Namespace):
    """Builds the model that the command line names.

    Returns:
        The `DepthInferencer`, and the inputs.
    """
    from mdetools.apis.opening import open_model
    from mdetools.apis.predicting import check_pictures
    from mdetools.engine.configs.finding import CONFIG_ENDINGS, config_path
    from mdetools.errors import UserError

    names = ("flip", "input_size", "precision", "compile_model", "batch_size", "workers", "tiles")
    options = {name: vars(args)[name] for name in names if vars(args).get(name) not in (None, False)}
    settings = args.device, dict(args.cfg_options), args.weights_as_is
    first, *others = args.inputs
    if config_path(first) is None and not first.lower().endswith(CONFIG_ENDINGS):
        check_pictures(args.inputs)
        return open_model(None, args.model, *settings, **options), args.inputs
    if args.model is not None:
        raise UserError(f"the config '{first}' and --model {args.model} name two models; leave one out")
    if len(others) < 2:
        raise UserError(
            f"the config '{first}' is followed by {' '.join(others) or 'nothing'}, expected CONFIG CKPT INPUT; add them"
        )
    check_pictures(others[1:])
    return open_model(first, others[0], *settings, **options), others[1:]


def main(args: argparse.Namespace) -> int:
    """Predicts; returns 1 if some of several inputs cannot be read or predicted, else 0."""
    import logging

    from mdetools.apis.predicting import options_from, run
    from mdetools.engine.process.preflight import check_device, check_output_folder

    options = options_from(vars(args))
    check_output_folder(args.out, "--out")
    if args.device is not None:
        check_device(args.device)
    logger = logging.getLogger("mdetools")  # told what the weights do not say of themselves
    logger.setLevel("INFO")
    logger.handlers = [logging.StreamHandler()]
    inferencer, inputs = choose_model(args)
    return run(inferencer, inputs, options)


if __name__ == "__main__":
    run_cli(main, parse_args())
