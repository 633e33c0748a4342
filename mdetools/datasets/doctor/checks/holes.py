"""Frames with little depth, or none."""

import numpy as np

from mdetools.datasets.doctor.counts import part_of, verb
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

SPARSEST = 0.003  # of the pixels; a LiDAR of 16 lines has more


def check(split: Split) -> list[Finding]:
    """Frames that lack depth where others have it, hold nothing but holes, or have hardly a valid pixel."""
    known = split.having("valid_share")
    if not known:
        return []
    empty = [record for record in known if record["valid_share"] == 0]
    if len(empty) == len(known):
        line = f"all {len(known)} frames are holes alone, expected depth in metres; look at how the depth was converted"
        return [Finding("all_holes", "error", line, ids(empty))]
    findings = missing(split, len(known))
    if empty:
        line = f"{part_of(empty, known, 'frames are')} nothing but holes, without use to a loss; leave them out"
        findings.append(Finding("all_holes", "warning", line, ids(empty)))
    share = float(np.median([record["valid_share"] for record in known]))
    if 0 < share < SPARSEST:
        line = (
            f"half of the frames have depth in less than {share:.2%} of their pixels, expected {SPARSEST:.1%} or more "
            "even of a LiDAR; look at how the depth was converted"
        )
        findings.append(Finding("little_depth", "warning", line, ids(sorted(known, key=lambda r: r["valid_share"]))))
    return findings


def missing(split: Split, having: int) -> list[Finding]:
    """Frames without depth among frames with it, but for those that are meant to be `unlabelled`."""
    without = [
        record
        for record in split.readable
        if record.get("valid_share") is None and "unlabelled" not in record["fields"]
    ]
    if not without:
        return []
    line = (
        f"{part_of(without, split.readable, 'frames have')} no depth, though {having} {verb(having, 'have')}; "
        "add it, or mean it: only a loss that needs no depth learns from them"
    )
    return [Finding("no_depth", "warning", line, ids(without))]
