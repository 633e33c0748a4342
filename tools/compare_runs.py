"""Compares runs that have ended: means over seeds, intervals and paired tests: docs/compare_runs.md.

    python tools/compare_runs.py work_dirs/rgb_seed* work_dirs/rgbd_seed* --metric top1 --markdown comparison.md
    python tools/compare_runs.py rgb=runs/a rgb=runs/b control=runs/c control=runs/d --baseline rgb

Nothing is trained or tested.
"""

import argparse

from mdetools.engine.process.cli import run_cli


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("runs", nargs="+", metavar="[NAME=]WORK_DIR", help="runs, with the names of their variants or without")
    add(
        "--by",
        default="config",
        metavar="WHAT",
        help="what tells the variant of a run without a name: config (the config's name), folder (the work dir's name, "
        "without the seed at its end), or an entry of the config, such as model.backbone.type (default: %(default)s)",
    )
    add("--baseline", metavar="NAME", help="the variant that the others are compared with (default: the first)")
    add("--metric", nargs="+", default=(), metavar="M", help="measures, such as top1 (default: the first of all runs)")
    add("--results", default="results.json", metavar="NAME", help="the results' file in a work dir (%(default)s)")
    add("--markdown", metavar="FILE", help="also write the tables as Markdown")
    add("--debug", action="store_true", help="show the traceback of a user's mistake too")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Compares."""
    from mdetools.apis.run_comparison import compare_runs, comparison_text, group_runs, read_run
    from mdetools.files import write_text

    variants = group_runs([read_run(run, args.results) for run in args.runs], args.by)
    comparisons = compare_runs(variants, args.metric, args.baseline)
    print(comparison_text(comparisons))
    if args.markdown:
        write_text(args.markdown, comparison_text(comparisons, markdown=True))


if __name__ == "__main__":
    run_cli(main, parse_args())
