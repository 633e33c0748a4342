"""Frames that cannot be read, by reason."""

import re

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]

NOT_FINITE = re.compile(r"\b(NaN|infinite)\b")


def check(split: Split) -> list[Finding]:
    """A line per reason, with the first frame's own words: a training stops at each of these frames."""
    kinds: dict[str, list[dict]] = {}
    for record in split.records:
        if "error" in record:
            kinds.setdefault(reason(record["error"]), []).append(record)
    return [finding(records) for records in kinds.values()]


def reason(line: str) -> str:
    """What the lines of one kind of error have in common: all but paths, numbers, and what is in brackets."""
    return re.sub(r"\([^)]*\)|'[^']*'|\S*/\S*|\S*\d\S*", "", line)


def finding(records: list[dict]) -> Finding:
    """One line for frames with one kind of error."""
    line = records[0]["error"]
    if len(records) > 1:
        line = f"{len(records)} frames cannot be read, the first: {line}"
    holes = NOT_FINITE.search(line)
    if holes:
        line += "; or, where these are holes, take a data set with the option `holes`, such as RGBDDataset"
    frames = [record["files"][-1] if record["files"] else f"frame {record['index']}" for record in records]
    return Finding("not_finite" if holes else "unreadable", "error", line, frames)
