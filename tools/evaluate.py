"""Compares models on data sets under protocols, side by side: docs/evaluation.md.

    python tools/evaluate.py --models dav2/vits_nyu:best.pth own.py:own.pth --datasets nyu kitti own_data.py \
        --data-root nyu=/data/nyu --protocols default lstsq_disparity --baselines --out results

Each model runs once over each data set, whatever the number of protocols. The results are written after each.
"""

import argparse

from mdetools.engine.configs.option_values import named_root
from mdetools.engine.process.cli import add_weights_argument, positive, run_cli, whole


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--models", nargs="+", required=True, metavar="CONFIG:CKPT", help="configs by path or name, with checkpoints")
    add("--labels", nargs="+", metavar="NAME", help="what the models are called (default: by their configs)")
    add(
        "--datasets",
        nargs="+",
        required=True,
        metavar="NAME",
        help="names in configs/_base_/datasets, such as nyu, kitti_depth; or configs of your own, [LABEL=]FILE",
    )
    add("--data-root", action="append", type=named_root, metavar="[NAME=]DIR", help="folder of a data set, by its name")
    add(
        "--protocols",
        nargs="+",
        default=["default", "lstsq_disparity"],
        metavar="[NAME=]P",
        help="default (each data set's own), an alignment of it, such as lstsq_disparity or median_depth, or a "
        "protocol, such as nyu_eigen; for one data set alone with its name (default: default lstsq_disparity)",
    )
    add("--measures", nargs="+", metavar="M", help="what is measured (default: the data set's, depth_errors)")
    add("--columns", nargs="+", metavar="C", help="columns of the tables (default: abs_rel d1); files have all")
    add(
        "--baselines",
        nargs="*",
        metavar="B",
        help="also score what is fitted to each image's truth: constant, row, plane (all, if none is named)",
    )
    add("--flip", choices=["mean", "stereo"], help="average with the mirrored image's prediction")
    add("--amp", choices=["bf16"], help="run the models in mixed precision")
    add("--device", help="cpu, cuda, cuda:1 ... (default: the GPU if there is one)")
    add("--batch-size", type=positive, metavar="N", help="images at a time (default: the data set's)")
    add("--workers", type=whole, metavar="N", help="loader processes (default: the data set's)")
    add("--limit", type=positive, metavar="N", help="images of each data set, spread over it")
    add("--out", default="work_dirs/evaluation", metavar="DIR", help="folder of results.json, .csv and .md")
    add("--debug", action="store_true", help="show the traceback of a user's mistake too")
    add_weights_argument(parser)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Evaluates."""
    from pathlib import Path

    from mmengine.dist import is_main_process

    from mdetools.apis.evaluation import (
        Options,
        candidates_of,
        check_protocols,
        evaluate,
        load_sets,
        plain_text,
        write_evaluation,
    )
    from mdetools.engine.process.distributed import choose_launcher, leave_process_group, start_process_group
    from mdetools.engine.process.preflight import check_device, check_output_folder
    from mdetools.evaluation import FITTED_BASELINES

    check_output_folder(args.out, "--out")
    if args.device is not None:
        check_device(args.device)
    candidates = candidates_of(args.models, args.labels)
    sets = load_sets(args.datasets, args.data_root, args.limit)
    options = Options(
        protocols=check_protocols(args.protocols, [one.label for one in sets]),
        measures=args.measures,
        baselines=() if args.baselines is None else args.baselines or tuple(FITTED_BASELINES),
        flip=args.flip,
        amp=args.amp,
        device=args.device,
        batch_size=args.batch_size,
        workers=args.workers,
        weights_as_is=args.weights_as_is,
        columns=args.columns,
    )
    start_process_group(choose_launcher(None))
    found = evaluate(candidates, sets, options, lambda so_far: write_evaluation(Path(args.out), so_far))
    if is_main_process():
        print(plain_text(found))
        print(f"\n{args.out}: results.json, results.csv, results.md")
    leave_process_group()


if __name__ == "__main__":
    run_cli(main, parse_args())
