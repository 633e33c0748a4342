"""What a run left in its work dir: scores, rows per image, and the config that it was trained by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mdetools.errors import UserError, one_line
from mdetools.reading import is_file, read_bytes
from mdetools.weights.config_text import parse_config_text

__all__ = ["RESULTS", "Run", "read_run"]

RESULTS = "results.json"  # what tools/test.py writes
SCALARS = "*/vis_data/scalars.json"  # what tools/train.py logs
PREFIX = "val/"
NO_SCORES = ("val/time", "val/data_time")
TEST_IT = "test it with tools/test.py"


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        folder: its work dir.
        name: what the user calls its variant; empty if that is left to its config or folder.
        scores: mean of each measure.
        source: where they are from, for people.
        rows: a dict per image with `id` and the measures; empty if there are none.
        config: that it was trained by, as plain values; None if there is none, or several.
        config_name: of that config's file, without its ending.
    """

    folder: Path
    name: str
    scores: Mapping[str, float]
    source: str
    rows: Sequence[Mapping] = ()
    config: Mapping | None = field(default=None, repr=False)
    config_name: str = ""


def read_run(text: str, results: str = RESULTS) -> Run:
    """Reads a run: its test's results, or else the last validation of its training.

    Args:
        text: its work dir, or `NAME=DIR` with the name of its variant.
        results: name of the results' file.

    Raises:
        UserError: if there is no such folder, or nothing in it that can be read.
    """
    name, folder = split_name(text)
    if not folder.is_dir():
        raise UserError(f"no folder '{one_line(folder, 300)}', expected the work dir of a run; correct the path")
    config, config_name = read_config(folder)
    if is_file(folder / results):
        scores, rows = read_results(folder / results)
        return Run(folder, name, scores, results, rows, config, config_name)
    if results != RESULTS:
        raise UserError(f"{folder}: has no {results}; {TEST_IT}, or leave out --results")
    return Run(folder, name, last_validation(folder), "the last validation", (), config, config_name)


def split_name(text: str) -> tuple[str, Path]:
    """Variant and folder of `NAME=DIR`; the name is empty where the whole is a folder, or has no `=`."""
    name, sign, folder = text.partition("=")
    return (name, Path(folder)) if sign and name and not Path(text).is_dir() else ("", Path(text))


def read_config(folder: Path) -> tuple[dict | None, str]:
    """The config that a training left in its work dir, never executed, and its name; None if it is not clear which."""
    found = sorted(folder.glob("*.py"))
    if len(found) != 1:
        return None, ""
    text = read_bytes(found[0], "a config").decode("utf-8", "replace")
    return parse_config_text(text, str(found[0])), found[0].stem


def read_results(path: Path) -> tuple[dict[str, float], list[dict]]:
    """Means and rows of a results' file."""
    content = parse_json(path, read_bytes(path, "the results of a test", TEST_IT))
    means = content.get("mean") if isinstance(content, dict) else None
    rows = content.get("per_image", []) if isinstance(content, dict) else None
    if not isinstance(means, dict) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path}: has no means of a test in it, as tools/test.py writes them; {TEST_IT}")
    return numbers_of(means), rows


def last_validation(folder: Path) -> dict[str, float]:
    """The scores of the newest validation that a training logged."""
    for path in sorted(folder.glob(SCALARS), reverse=True):
        for line in reversed(read_bytes(path, "the log of a training").splitlines()):
            logged = parse_json(path, line)
            scores = {key: value for key, value in logged.items() if key.startswith(PREFIX) and key not in NO_SCORES}
            if scores:
                return numbers_of({key.removeprefix(PREFIX): value for key, value in scores.items()})
    raise UserError(f"{folder}: has neither a {RESULTS} nor a validation in its log; {TEST_IT}")


def parse_json(path: Path, content: bytes) -> dict:
    """The value of a JSON document."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: is no JSON ({one_line(error, 160)}); {TEST_IT} again") from error


def numbers_of(values: Mapping[str, object]) -> dict[str, float]:
    """Those values that are numbers; an undefined one, `null`, is NaN."""
    known = {key: float("nan") if value is None else value for key, value in values.items()}
    return {key: float(value) for key, value in known.items() if isinstance(value, int | float)}
