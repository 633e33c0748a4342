"""How much of the depth is left to learn from after the pipeline, and to score within the protocol's caps."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.limits import share_within
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

TOO_LITTLE, NOTHING = 0.75, 0.01  # of the valid pixels


def check(split: Split) -> list[Finding]:
    """A line if the pipeline, or the depths that the config counts, drop a quarter of the valid pixels or more."""
    sampled = split.having("survival")
    shares = [record["survival"] for record in sampled]
    piped = float(np.mean(shares)) if shares else 1.0
    within = 1.0 if split.limits is None else share_within(split, split.limits)
    left = min(piped, within)
    if left >= TOO_LITTLE:
        return []
    by = "the pipeline" if piped <= within else split.limits.source
    limits = "" if split.limits is None else f" (the config counts {split.limits.low:g}..{split.limits.high:g} m)"
    line = (
        f"{by} leaves {left:.1%} of the valid pixels{limits}, expected most of them; correct the unit of the depth, "
        "or widen the range"
    )
    worst = ids(sorted(sampled, key=lambda record: record["survival"]))
    return [Finding("survival", "error" if left < NOTHING else "warning", line, worst)]
