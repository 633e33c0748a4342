"""Predicts the depth of images: python tools/infer.py photo.jpg, or python tools/infer.py CONFIG CKPT photo.jpg"""

import argparse

from mdetools.engine.process.cli import add_config_options, add_weights_argument, run_cli

CONFIGS = (".py", ".yaml", ".yml", ".json")


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description="Predict the depth of image files, or what else a model predicts.",
        usage="%(prog)s [options] [CONFIG CKPT] INPUT [INPUT ...]",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="image files, or folders of them, for mdetools-tiny, which is relative; a config and a checkpoint before "
        "them name another model",
    )
    parser.add_argument("--model", metavar="M", help="a published model, by its name or file, in place of CONFIG CKPT")
    parser.add_argument("--out", metavar="DIR", default="out", help="folder of the results (default: out)")
    parser.add_argument("--save-npy", action="store_true", help="write <stem>.npy, float32, at the image's own size")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    add_config_options(parser)
    add_weights_argument(parser)
    return parser.parse_args()


def choose_model(args: argparse.Namespace):
    """Builds the model that the command line names.

    Returns:
        The `DepthInferencer`, and the inputs.
    """
    from mdetools.apis import DepthInferencer, load
    from mdetools.apis.published import DEFAULT_MODEL
    from mdetools.engine.configs.loading import load_config
    from mdetools.errors import UserError

    first, *others = args.inputs
    if not first.lower().endswith(CONFIGS):
        if args.cfg_options or args.weights_as_is:
            raise UserError("--cfg-options and --weights-as-is are for a model given as CONFIG CKPT; leave them out")
        return load(args.model or DEFAULT_MODEL, args.device), args.inputs
    if args.model is not None:
        raise UserError(f"the config '{first}' and --model {args.model} name two models; leave one out")
    if len(others) < 2:
        raise UserError(
            f"the config '{first}' is followed by {' '.join(others) or 'nothing'}, expected CONFIG CKPT INPUT; add them"
        )
    cfg = load_config(first, dict(args.cfg_options))
    if args.weights_as_is:
        cfg.weights_as_is = True
    return DepthInferencer(cfg, others[0], args.device), others[1:]


def find_inputs(inputs: list[str], out: str) -> dict[str, str]:
    """The images of the command line, by the paths of their results in `out`, without endings.

    The images of a folder keep their paths in it.

    Raises:
        UserError: if a folder has no image, or two images would have one result.
    """
    from pathlib import Path

    from mdetools.datasets.image_folder.images import find_images
    from mdetools.errors import UserError

    found: dict[str, str] = {}
    for path in inputs:
        if Path(path).is_dir():
            images = {str(Path(path, name)): name for name in find_images(path, None).names}
        else:
            images = {path: Path(path).name}
        for image, name in images.items():
            target = Path(name).with_suffix("").as_posix()
            other = found.setdefault(target, image)
            if other != image:
                raise UserError(
                    f"{other} and {image} would both be written to {Path(out, target)}*, expected other names; rename "
                    "one, run them apart, or give the folder that holds both folders"
                )
    return found


def write_results(name: str, values, image, path: str, target: str, args: argparse.Namespace) -> None:
    """Writes what was asked for of one prediction."""
    from pathlib import Path

    import numpy as np

    from mdetools.contract import QUANTITIES
    from mdetools.files import replacing
    from mdetools.visualization import prediction_panel, write_image

    folder, stem, quantity = Path(args.out, target).parent, Path(args.out, target).name, QUANTITIES[name]
    panel = prediction_panel(image, values if values.ndim == 3 else values[None], quantity)
    spread = f"{name} from {values.min():.4g} to {values.max():.4g} {quantity.unit}".rstrip()
    if panel is None:
        print(f"{path}: {spread}; no picture is drawn of it, --save-npy writes its values")
    else:
        write_image(folder / f"{stem}_{name}.png", panel)
        print(f"{folder / f'{stem}_{name}.png'}: {spread}")
    if args.save_npy:
        with replacing(folder / f"{stem}.npy") as temporary, temporary.open("wb") as file:
            np.save(file, values)
        print(folder / f"{stem}.npy")


def main(args: argparse.Namespace) -> int:
    """Predicts; returns 1 if some of several images cannot be read or predicted, else 0."""
    import logging
    import sys

    from mdetools.datasets.readers.image import read_image
    from mdetools.engine.process.preflight import check_device, check_output_folder
    from mdetools.errors import UserError

    check_output_folder(args.out, "--out")
    if args.device is not None:
        check_device(args.device)
    logger = logging.getLogger("mdetools")  # told what the weights do not say of themselves
    logger.setLevel("INFO")
    logger.handlers = [logging.StreamHandler()]
    inferencer, inputs = choose_model(args)
    found, broken = find_inputs(inputs, args.out), 0
    for target, path in found.items():
        try:
            image = read_image(path, upright=True)
            ((name, values),) = inferencer(image).items()
        except UserError as error:
            if len(found) == 1:
                raise
            print(f"no result: {error}" if path in str(error) else f"no result: {path}: {error}", file=sys.stderr)
            broken += 1
        else:
            write_results(name, values, image, path, target, args)
    if broken:
        print(f"{broken} of {len(found)} images without a result, named above", file=sys.stderr)
    return int(broken > 0)


if __name__ == "__main__":
    run_cli(main, parse_args())
