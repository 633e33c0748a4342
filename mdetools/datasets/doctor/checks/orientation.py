"""Depth that lies the wrong way round on its image."""

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.orientation import best_view, comparable, upright_agreement
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

WORDS = {
    "mirrored": "mirrored left to right",
    "flipped": "upside down (flipped top to bottom)",
    "turned": "turned by 180 degrees",
    "rotated_left": "turned by 90 degrees to the left",
    "rotated_right": "turned by 90 degrees to the right",
    "transposed": "transposed (rows for columns)",
}


def check(split: Split) -> list[Finding]:
    """A line if the edges of the depth fit those of a mirrored, flipped or turned image better."""
    view = best_view(split)
    if view is None:
        return []
    records = comparable(split)
    mean, upright = sum(record[view] for record in records) / len(records), upright_agreement(records).mean()
    line = (
        f"the depth is {WORDS[view]} against its image: their edges correlate by {mean:.2f} so, and by {upright:.2f} "
        "as they are; turn one of the two"
    )
    return [Finding(view, "error", line, ids(sorted(records, key=lambda record: -record[view])))]
