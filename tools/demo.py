"""A page in the browser that shows the depth of pictures and videos: python tools/demo.py, or ... CONFIG CKPT"""

import argparse

from mdetools.engine.process.cli import add_config_options, add_weights_argument, positive, run_cli

# Seeds and kinds of the views that the page begins with, and what they are called.
EXAMPLES = [
    ("A street", "drive", 8),
    ("A kitchen", "looking_down", 3),
    ("A still life", "still_life", 8),
    ("Open ground", "ground", 5),
]
AREA = 360 * 480  # pixels


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description="Serve a page to try a model of depth on pictures and videos; nothing leaves this machine.",
        usage="%(prog)s [options] [CONFIG CKPT]",
    )
    parser.add_argument(
        "named",
        nargs="*",
        metavar="CONFIG CKPT",
        help="config and checkpoint; without them mdetools-tiny, which is relative",
    )
    parser.add_argument("--model", metavar="M", help="a published model, by its name or file, in place of CONFIG CKPT")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen at; 0.0.0.0 lets other machines in (%(default)s)"
    )
    parser.add_argument("--port", type=positive, default=7860, help="its port (%(default)s)")
    parser.add_argument("--browser", action="store_true", help="open the page in a browser too")
    parser.add_argument("--input-size", type=positive, metavar="N", help="pixels that the sides have at least")
    parser.add_argument("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    add_config_options(parser)
    add_weights_argument(parser)
    return parser.parse_args()


def choose_model(args: argparse.Namespace):
    """Builds the model that the command line names.

    Returns:
        The `DepthInferencer`, and its name.
    """
    from pathlib import Path

    from mdetools.apis.opening import open_model
    from mdetools.apis.published import DEFAULT_MODEL
    from mdetools.errors import UserError

    settings = args.device, dict(args.cfg_options), args.weights_as_is
    options = {"input_size": args.input_size, "precision": args.precision}
    if not args.named:
        return open_model(None, args.model, *settings, **options), Path(args.model or DEFAULT_MODEL).stem
    if len(args.named) != 2 or args.model is not None:
        found = " ".join(args.named) + (f" --model {args.model}" if args.model else "")
        raise UserError(f"a model is named by '{found}', expected CONFIG CKPT, or --model alone; give one of them")
    config, checkpoint = args.named
    return open_model(config, checkpoint, *settings, **options), Path(config).stem


def example_pictures() -> list:
    """Ray-casts the pictures that the page begins with."""
    import numpy as np

    from mdetools.apis.demo import Example
    from mdetools.synthetic.worlds import photograph_view, sample_view

    examples = []
    for title, kind, seed in EXAMPLES:
        rng = np.random.default_rng(seed)
        view = sample_view(rng, AREA, {kind: 1})
        image, _ = photograph_view(view, rng)
        examples.append(Example(title, image, float(view.camera.intrinsics[0, 0])))
    return examples


def main(args: argparse.Namespace) -> None:
    """Serves the page."""
    from mdetools.apis.demo import serve
    from mdetools.apis.demo.package import gradio_package
    from mdetools.engine.process.preflight import check_device

    gradio_package()
    if args.device is not None:
        check_device(args.device)
    inferencer, name = choose_model(args)
    serve(inferencer, name, example_pictures(), args.host, args.port, args.browser)


if __name__ == "__main__":
    run_cli(main, parse_args())
