"""The data doctor: goes through every data set of a config and reports what is wrong with it.

    python tools/check_dataset.py configs/dav2/vits_nyu.py --data-root data/nyu --json report.json --picture worst.png

Exit code 0 if the data is fit for use, perhaps with warnings; 1 for warnings under --strict; 2 for data that cannot be
used as it is, or a mistake in the call.
"""

import argparse
import os

from mdetools.engine.process.cli import add_config_arguments, run_cli


def process_count(text: str) -> int:
    """Parses a number of processes."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected an integer from 0 on, got '{text}'")
    return int(text)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_config_arguments(parser)
    parser.add_argument(
        "--workers",
        type=process_count,
        default=os.cpu_count(),
        metavar="N",
        help="processes (default: all cores; 0: this one)",
    )
    parser.add_argument("--json", "--out", metavar="FILE", help="also write the reports as JSON")
    parser.add_argument("--picture", metavar="FILE", help="also draw the worst frames, e.g. worst.png")
    parser.add_argument("--strict", action="store_true", help="exit code 1 if there are warnings")
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    """Examines each data set once and returns the exit code."""
    import json

    from mdetools.apis.dataset_check import check_datasets
    from mdetools.apis.findings_picture import write_findings
    from mdetools.datasets.doctor import format_report
    from mdetools.engine.configs.loading import load_config
    from mdetools.files import write_text

    cfg = load_config(args.config, dict(args.cfg_options), args.data_root)
    checked = []
    for split in check_datasets(cfg, args.workers):
        print(format_report(split.split.name, split.report), flush=True)
        checked.append(split)
    if args.json:
        reports = {split.split.name: split.report for split in checked}
        write_text(args.json, json.dumps(reports, indent=2) + "\n", "{cure}, or give another --json")
    if args.picture:
        print(write_findings(args.picture, checked))
    found = {finding.severity for split in checked for finding in split.findings}
    return 2 if "error" in found else int(args.strict and "warning" in found)


if __name__ == "__main__":
    run_cli(main, parse_args())
