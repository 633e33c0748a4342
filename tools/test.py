"""Tests a model: python tools/test.py configs/dav2/vits_nyu.py work_dirs/vits_nyu/best_abs_rel.pth"""

import argparse

from mdetools.engine.process.cli import add_config_arguments, add_weights_argument, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Score a depth model on the test set of its config.")
    add_config_arguments(parser)
    parser.add_argument("checkpoint", metavar="CKPT", help="weights of any known format, for the whole model")
    parser.add_argument("--protocol", metavar="P", help="evaluation protocol, e.g. nyu_eigen (default: the config's)")
    parser.add_argument(
        "--measures",
        metavar="M",
        nargs="+",
        help="what is measured, e.g. depth_errors depth_ranges:0,2,5,10 (default: the config's)",
    )
    parser.add_argument("--out", metavar="F", help="JSON file, a row per image (default: <work dir>/results.json)")
    parser.add_argument("--show-dir", metavar="D", help="folder for a picture of every image")
    parser.add_argument(
        "--flip",
        choices=["mean", "stereo"],
        help="average with the mirrored image's prediction; stereo: the sides from the one that knows them better",
    )
    parser.add_argument(
        "--baseline", action="store_true", help="compare with the constant predictor: the training set's median depth"
    )
    parser.add_argument("--work-dir", metavar="D", help="folder of the log (default: work_dirs/<config name>)")
    parser.add_argument(
        "--launcher",
        choices=["none", "pytorch", "slurm", "mpi"],
        help="who started the processes (default: pytorch under torchrun, else none)",
    )
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Tests."""
    from mmengine.dist import is_main_process

    from mdetools.engine.baseline import compare_with_baseline
    from mdetools.engine.configs.loading import load_config
    from mdetools.engine.process.distributed import choose_launcher, leave_process_group
    from mdetools.engine.testing import apply_test_options, run_testing

    cfg = load_config(args.config, dict(args.cfg_options), args.data_root)
    apply_test_options(
        cfg,
        args.checkpoint,
        work_dir=args.work_dir,
        protocol=args.protocol,
        out=args.out,
        show_dir=args.show_dir,
        launcher=choose_launcher(args.launcher),
        flip=args.flip,
        baseline=args.baseline,
        weights_as_is=args.weights_as_is,
        measures=args.measures,
    )
    scores = run_testing(cfg)
    if args.baseline and is_main_process():
        print(compare_with_baseline(cfg, scores))
    leave_process_group()


if __name__ == "__main__":
    run_cli(main, parse_args())
