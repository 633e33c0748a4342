"""Predicts the depth of an image: python tools/infer.py CONFIG CKPT photo.jpg --out out --save-npy"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, add_weights_argument, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Predict the depth of an image file, or what else the model predicts.")
    add_config_arguments(parser, data_root=False)
    parser.add_argument("checkpoint", metavar="CKPT", help="weights of any known format, for the whole model")
    parser.add_argument("input", metavar="INPUT", help="image file")
    parser.add_argument("--out", metavar="DIR", default="out", help="folder of the results (default: out)")
    parser.add_argument("--save-npy", action="store_true", help="write <stem>.npy, float32, at the image's own size")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Predicts."""
    import logging
    from pathlib import Path

    import numpy as np

    from mdetools.apis import DepthInferencer
    from mdetools.contract import QUANTITIES
    from mdetools.datasets.readers.image import read_image
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.preflight import check_device, check_output_folder
    from mdetools.files import replacing
    from mdetools.visualization import prediction_panel, write_image

    cfg = load_config(args.config, dict(args.cfg_options))
    check_output_folder(args.out, "--out")
    if args.device is not None:
        check_device(args.device)
    image = read_image(args.input, upright=True)
    if args.weights_as_is:
        cfg.weights_as_is = True
    logger = logging.getLogger("mdetools")  # told what the weights do not say of themselves
    logger.setLevel("INFO")
    logger.handlers = [logging.StreamHandler()]
    ((name, values),) = DepthInferencer(cfg, args.checkpoint, args.device)(image).items()
    folder, stem, quantity = Path(args.out), Path(args.input).stem, QUANTITIES[name]
    panel = prediction_panel(image, values if values.ndim == 3 else values[None], quantity)
    spread = f"{name} from {values.min():.4g} to {values.max():.4g} {quantity.unit}".rstrip()
    if panel is None:
        print(f"{args.input}: {spread}; no picture is drawn of it, --save-npy writes its values")
    else:
        write_image(folder / f"{stem}_{name}.png", panel)
        print(f"{folder / f'{stem}_{name}.png'}: {spread}")
    if args.save_npy:
        with replacing(folder / f"{stem}.npy") as temporary, temporary.open("wb") as file:
            np.save(file, values)
        print(folder / f"{stem}.npy")


if __name__ == "__main__":
    run_cli(main, parse_args())
