"""One image several times in a split."""

import os
from collections import defaultdict

from mdetools.datasets.doctor.counts import counted, verb
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]


def check(split: Split) -> list[Finding]:
    """A line for frames that are one file by several paths, and one for images that are equal."""
    groups = defaultdict(dict)
    for record in split.having("image_sum"):
        if record["contrast"] > 0:  # of one colour: `blank_images`
            groups[record["image_sum"]].setdefault(record["id"], record)
    equal = [list(group.values()) for group in groups.values() if len(group) > 1]
    linked = [group for group in equal if real_files(group[0]) == real_files(group[1])]
    copied = [group for group in equal if real_files(group[0]) != real_files(group[1])]
    return [
        *finding(
            linked,
            "same_files",
            "frame",
            "read before by another path, as through a link",
            "remove the link",
        ),
        *finding(copied, "duplicates", "image", "in the split before, to the last pixel", "leave the copies out"),
    ]


def real_files(record: dict) -> list[str]:
    """The files of a frame, without links."""
    return [os.path.realpath(file) for file in record["files"]]


def finding(groups: list[list[dict]], name: str, thing: str, what: str, cure: str) -> list[Finding]:
    """A line for groups of equal frames."""
    if not groups:
        return []
    extra = [record for group in groups for record in group[1:]]
    first, second = groups[0][:2]
    line = (
        f"{counted(len(extra), thing)} {verb(len(extra), 'are')} {what} (e.g. {second['id']} is {first['id']}); {cure}"
    )
    return [Finding(name, "warning", line, ids(extra))]
