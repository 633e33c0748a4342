"""Predicts the depth of an image: python tools/infer.py CONFIG CKPT photo.jpg --out out --save-npy"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Predict the depth of an image file.")
    add_config_arguments(parser, data_root=False)
    parser.add_argument("checkpoint", metavar="CKPT", help="weights of any known format, for the whole model")
    parser.add_argument("input", metavar="INPUT", help="image file")
    parser.add_argument("--out", metavar="DIR", default="out", help="folder of the results (default: out)")
    parser.add_argument("--save-npy", action="store_true", help="write <stem>.npy, float32, at the image's own size")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Predicts."""
    from pathlib import Path

    import numpy as np

    from mdetools.apis import DepthInferencer
    from mdetools.datasets.readers.image import read_image, write_image
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.preflight import check_device, check_output_folder
    from mdetools.visualization import depth_panel

    cfg = load_config(args.config, dict(args.cfg_options))
    check_output_folder(args.out, "--out")
    if args.device is not None:
        check_device(args.device)
    image = read_image(args.input)
    ((quantity, depth),) = DepthInferencer(cfg, args.checkpoint, args.device)(image).items()
    folder, stem = Path(args.out), Path(args.input).stem
    picture = folder / f"{stem}_{quantity}.png"
    write_image(picture, depth_panel(image, None, None, depth, relative=quantity != "depth"))
    print(f"{picture}: {quantity} from {depth.min():.4g} to {depth.max():.4g}")
    if args.save_npy:
        np.save(folder / f"{stem}.npy", depth)
        print(folder / f"{stem}.npy")


if __name__ == "__main__":
    run_cli(main, parse_args())
