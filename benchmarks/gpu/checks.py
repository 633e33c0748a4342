"""The tests that are meant for a GPU: pytest -m gpu."""

import re
import signal
import subprocess
import sys

from benchmarks.gpu.record import Record, part_arguments

OUTCOME = re.compile(r"^(tests/\S+) (PASSED|FAILED|ERROR|SKIPPED)", re.MULTILINE)


def outcomes(log: str) -> dict[str, int | list[str]]:
    r"""How many tests passed and were skipped, and the names of those that failed, by what pytest -vv prints.

    >>> outcomes("tests/gpu/test_a.py::test_b[fp16] PASSED [ 50%]\ntests/gpu/test_a.py::test_c FAILED [100%]\n")
    {'passed': 1, 'skipped': 0, 'failed': ['tests/gpu/test_a.py::test_c']}
    """
    found = OUTCOME.findall(log)
    count = {outcome: sum(one == outcome for _, one in found) for outcome in ("PASSED", "SKIPPED")}
    failed = [name for name, outcome in found if outcome in ("FAILED", "ERROR")]
    return {"passed": count["PASSED"], "skipped": count["SKIPPED"], "failed": failed}


def interrupted(process: subprocess.Popen) -> int:
    """Ends pytest as Ctrl-C does, so that it prints what failed until then; its exit code."""
    process.send_signal(signal.SIGINT)
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def main() -> None:
    """Runs them; what pytest printed lies beside the JSON."""
    args = part_arguments(__doc__)
    record, log = Record(args.out, args.seconds), args.out.with_suffix(".log")
    command = [sys.executable, "-m", "pytest", "tests/gpu", "-m", "gpu and not slow" if args.tiny else "gpu"]

    def run(tests: str) -> dict:
        with log.open("w") as file:
            process = subprocess.Popen(
                [*command, "-vv", "-rfEs", "--tb=short", "-p", "no:cacheprovider"], stdout=file, stderr=file
            )
            try:
                code = process.wait(max(record.left() - 5, 1))
            except subprocess.TimeoutExpired:
                code = interrupted(process)
        return {"exit_code": code, **outcomes(log.read_text())}

    record.measure(run, tests="gpu")


if __name__ == "__main__":
    main()
