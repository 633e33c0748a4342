"""Labels images with a trained model: python tools/pseudo_label.py CONFIG CKPT data/photos data/photos_labels"""

import argparse
import sys

from mdetools.engine.process.cli import add_config_arguments, add_weights_argument, positive, run_cli, whole


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description="Write a model's inverse depth for each of many images, as labels for another model to learn from."
    )
    add_config_arguments(parser, data_root=False)
    parser.add_argument("checkpoint", metavar="CKPT", help="weights of any known format, for the whole model")
    parser.add_argument("images", metavar="IMAGES", help="folder, list, pattern or archive of images")
    parser.add_argument("out", metavar="OUT", help="folder of the labels: new, empty, or of the same settings")
    parser.add_argument(
        "--format",
        choices=["png16", "npz"],
        default="png16",
        help="png16: 0 the farthest to 65535 the nearest of each image; npz: float16, as predicted (default: png16)",
    )
    parser.add_argument(
        "--flip",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="average with the mirrored image's prediction, at twice the time (default: on)",
    )
    parser.add_argument("--amp", choices=["off", "bf16"], default="off", help="autocast of the network (default: off)")
    parser.add_argument("--batch-size", type=positive, default=4, metavar="N", help="images at a time (default: 4)")
    parser.add_argument("--workers", type=whole, default=2, metavar="N", help="processes that read (default: 2)")
    parser.add_argument("--writers", type=positive, default=2, metavar="N", help="threads that write (default: 2)")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    parser.add_argument(
        "--launcher",
        choices=["none", "pytorch", "slurm", "mpi"],
        help="who started the processes (default: pytorch under torchrun, else none)",
    )
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    """Labels the images; returns 1 if some have no label, else 0."""
    from mmengine.dist import is_main_process

    from mdetools.apis.pseudo_labels import LabelOptions, image_pipeline, label_images
    from mdetools.datasets.image_folder import ImageFolderDataset
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.distributed import choose_launcher, leave_process_group, start_process_group
    from mdetools.engine.process.preflight import check_device, check_output_folder

    names = ("format", "flip", "amp", "batch_size", "workers", "writers", "device", "weights_as_is")
    options = LabelOptions(**{name: getattr(args, name) for name in names})
    cfg = load_config(args.config, dict(args.cfg_options))
    check_output_folder(args.out, "OUT")
    if args.device is not None:
        check_device(args.device)
    start_process_group(choose_launcher(args.launcher))
    images = ImageFolderDataset(args.images, pipeline=image_pipeline(cfg))
    outcome = label_images(cfg, args.checkpoint, images, args.out, options)
    main_process = is_main_process()
    leave_process_group()
    if not main_process:
        return 0
    print(f"{args.out}: {outcome.written} labels written, {outcome.kept} kept")
    if outcome.broken:
        print(f"{len(outcome.broken)} without a label, named above", file=sys.stderr)
    return int(bool(outcome.broken))


if __name__ == "__main__":
    run_cli(main, parse_args())
