"""Reads mutated files with every reader: python benchmarks/fuzz.py --count 100000 --seed 0 [--only h5 png ...]

Each file is a valid one, made by this repository's own writers, with bits flipped, parts cut, repeated or spliced, and
fields set to extreme numbers. It is read in a process of its own with 2 GiB of memory and 10 seconds for each file.
Fine are a sample that keeps the contract, and a `UserError` of one printable line; failures are

    raw       another exception
    contract  a sample that is not what it should be, such as NaN or negative depth
    style     a UserError of several lines, with control characters, or of 1,000 characters and more
    memory    more than 1 GiB resident, or more than 2 GiB asked for
    hang      longer than 10 s
    crash     the process died

Targets are the modules in benchmarks/fuzzing/targets. A failure's file follows from target, seed and index:
`--keep FOLDER` writes it, and `--only TARGET --index N` reads that one alone. Exit code 1 means failures.
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", NO_ALBUMENTATIONS_UPDATE="1", CUDA_VISIBLE_DEVICES="")
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))  # the makers of small files

from fuzzing.target import Target, all_targets
from fuzzing.worker import FAILURES, OUTCOMES, content_of, outcomes

SHOWN = 5  # failures of one kind and target


def parse_args(known: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="files in all, spread over the targets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", metavar="TARGET", default=known, choices=known)
    parser.add_argument("--index", type=int, help="read this one file alone")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the files that failed")
    return parser.parse_args()


def keep(folder: Path, target: Target, seed: int, index: int) -> None:
    """Writes one mutated file."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        path, seeds = target.prepare(Path(temporary))
    (folder / f"{target.name}-{seed}-{index}{path.suffix}").write_bytes(content_of(target, seeds, seed, index))


def fuzz(target: Target, args: argparse.Namespace, indices: range) -> tuple[Counter, list[tuple[int, str, str]]]:
    """Reads the files of one target, and prints its row: how many there were of each outcome, and the failures."""
    counts, failures, start = Counter(), [], time.perf_counter()
    for index, outcome, message in outcomes(target, args.seed, indices):
        counts[outcome] += 1
        if outcome in FAILURES:
            failures.append((index, outcome, message))
            if args.keep:
                keep(args.keep, target, args.seed, index)
        if args.index is not None:
            print(outcome, message)
    speed = len(indices) / (time.perf_counter() - start)
    print(
        f"{target.name:<16}" + "".join(f"{counts[outcome]:>10}" for outcome in OUTCOMES) + f"{speed:>10.0f}", flush=True
    )
    return counts, failures


def main() -> int:
    targets = all_targets()
    args = parse_args(list(targets))
    share = -(-args.count // len(args.only))
    indices = range(share) if args.index is None else range(args.index, args.index + 1)
    print(f"{'target':<16}" + "".join(f"{outcome:>10}" for outcome in (*OUTCOMES, "files/s")))
    total, failed = Counter(), {}
    for name in args.only:
        counts, failed[name] = fuzz(targets[name], args, indices)
        total += counts
    print(f"{'all':<16}" + "".join(f"{total[outcome]:>10}" for outcome in OUTCOMES))
    for name, failures in failed.items():
        for outcome, ones in itertools.groupby(sorted(failures, key=lambda one: one[1]), key=lambda one: one[1]):
            for index, _, message in itertools.islice(ones, SHOWN):
                print(f"{outcome}: --only {name} --seed {args.seed} --index {index}: {message[:300]!r}")
    return int(any(failed.values()))


if __name__ == "__main__":
    sys.exit(main())
