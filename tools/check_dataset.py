"""The data doctor: goes through every data set of a config and reports what is wrong with it.

    python tools/check_dataset.py configs/dav2/vits_nyu.py --data-root data/nyu --out report.json

Exit code 0 if all is well, 1 if problems were found, 2 for a mistake in the call.
"""

import argparse
import os

from mdetools.engine.process.cli import add_config_arguments, run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_config_arguments(parser)
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), metavar="N", help="processes (default: all cores)"
    )
    parser.add_argument("--out", metavar="FILE", help="also write the report as JSON")
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    """Examines each data set once and returns the exit code."""
    import json

    from mdetools.datasets.doctor import examine, format_report, summarize
    from mdetools.engine.configs.loading import load_config
    from mdetools.files import write_text
    from mdetools.progress import track
    from mdetools.registry import DATASETS

    cfg = load_config(args.config, dict(args.cfg_options), args.data_root)
    reports, seen = {}, []
    for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
        loader = cfg.get(name)
        if loader is None or loader["dataset"] in seen:
            continue
        seen.append(loader["dataset"])
        dataset = DATASETS.build(loader["dataset"])
        records = list(track(examine(dataset, args.workers), len(dataset), name))
        reports[name] = summarize(dataset, records, loader.get("batch_size", 1))
        print(format_report(name, reports[name]), flush=True)
    if args.out:
        write_text(args.out, json.dumps(reports, indent=2) + "\n", "{cure}, or give another --out")
    return int(any(report["problems"] for report in reports.values()))


if __name__ == "__main__":
    run_cli(main, parse_args())
