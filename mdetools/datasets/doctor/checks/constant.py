"""Depth that does not change."""

from collections import defaultdict

from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

EQUAL = 1e-4  # of the depth
FEWEST = 16  # valid pixels


def check(split: Split) -> list[Finding]:
    """A line for frames whose depth is one value, and one for different images with one depth map."""
    known = [record for record in split.having("median") if record["valid_count"] >= FEWEST]
    flat = [record for record in known if record["max"] - record["min"] <= EQUAL * record["max"]]
    findings = []
    if flat:
        everywhere = len(flat) == len(known)
        line = (
            f"{part_of(flat, known, 'depth maps are')} constant, e.g. {flat[0]['median']:.4g} m in {flat[0]['id']}, "
            "expected depth that varies within an image; look at how the depth was converted"
        )
        findings.append(Finding("constant", "error" if everywhere else "warning", line, ids(flat)))
    return findings + repeated([record for record in known if record not in flat])


def repeated(records: list[dict]) -> list[Finding]:
    """A line if one depth map belongs to several images."""
    groups = defaultdict(dict)
    for record in records:
        groups[record["depth_sum"]].setdefault(record["image_sum"], record)
    shared = sorted((list(group.values()) for group in groups.values() if len(group) > 1), key=len, reverse=True)
    if not shared:
        return []
    count = sum(map(len, shared))
    line = (
        f"{count} different images have a depth map in common with another one (e.g. "
        f"{shared[0][0]['id']} and {shared[0][1]['id']}), expected one for each; pair the files again"
    )
    severity = "error" if count > len(records) / 2 else "warning"
    return [Finding("same_depth", severity, line, ids(record for group in shared for record in group))]
