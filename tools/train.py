"""Trains a model: python tools/train.py configs/dav2/vits_nyu.py"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, add_weights_argument, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Train a depth model.")
    add_config_arguments(parser)
    parser.add_argument(
        "--work-dir", metavar="D", help="folder of logs and checkpoints (default: work_dirs/<config name>)"
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        metavar="CKPT",
        help="go on from the newest checkpoint of the work dir, or from CKPT",
    )
    parser.add_argument(
        "--resume-with",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY",
        help="settings that may differ from the checkpoint's, and then count, e.g. optim_wrapper.optimizer.lr",
    )
    parser.add_argument("--amp", choices=["off", "fp16", "bf16"], help="mixed precision (default: as the config says)")
    parser.add_argument(
        "--launcher",
        choices=["none", "pytorch", "slurm", "mpi"],
        help="who started the processes (default: pytorch under torchrun, else none)",
    )
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Trains."""
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.distributed import choose_launcher, leave_process_group
    from mdetools.engine.training import apply_train_options, run_training

    cfg = load_config(args.config, dict(args.cfg_options), args.data_root)
    launcher = choose_launcher(args.launcher)
    apply_train_options(cfg, args.work_dir, args.resume, args.amp, launcher, args.weights_as_is)
    run_training(cfg, args.resume_with)
    leave_process_group()


if __name__ == "__main__":
    run_cli(main, parse_args())
