"""Depth that was stretched to one range in each image."""

import numpy as np

from mdetools.datasets.doctor.checks.inverse_depth import check as inverse_depth
from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

FEWEST = 5  # frames
SHARE, EQUAL = 0.95, 1e-4  # of the frames that have the same largest depth, and how nearly
CUT = 0.01  # share of the pixels at the largest depth, from which on it is where a sensor or a scene ends


def check(split: Split) -> list[Finding]:
    """A line if nearly all frames have the same largest depth, as it was read or in the file, each in few pixels."""
    return stretched_to_full(split) or stretched(split)


def stretched_to_full(split: Split) -> list[Finding]:
    """A line if nearly all files reach their type's largest value in few pixels, which is then taken for a hole."""
    known = [record for record in split.having("full_share") if record["stored_bits"] > 8]
    full = [record for record in known if 0 < record["full_share"] <= CUT]
    if len(known) < FEWEST or len(full) < SHARE * len(known) or len({r["depth_sum"] for r in full}) < FEWEST:
        return []
    line = (
        f"{part_of(full, known, 'depth files reach')} the largest value of their type, each in few pixels, as if "
        "each had been stretched to one range; depth in metres has another largest value in each, so go back to the "
        "original files"
    )
    return [Finding("normalised", "warning", line, ids(full))]


def stretched(split: Split) -> list[Finding]:
    """A line if nearly all frames have the same largest depth, each in few pixels."""
    known = split.having("top_share")
    if len(known) < FEWEST or len({record["depth_sum"] for record in known}) < FEWEST:
        return []
    largest = np.array([record["max"] for record in known])
    usual = float(np.median(largest))
    same = np.abs(largest - usual) <= EQUAL * usual
    if is_inverse(split) and np.ptp([record["min"] for record in known]) > EQUAL * usual:
        return []  # the largest value is where the sensor's or the scene's nearest depth is
    if same.mean() < SHARE or np.median([record["top_share"] for record in known]) > CUT:
        return []
    line = (
        f"the largest depth is {usual:.4g} in {same.sum()} of {len(known)} frames, as if each had been stretched to "
        "one range; depth in metres has another one in each, so go back to the original files"
    )
    return [Finding("normalised", "warning", line, ids(known))]


def is_inverse(split: Split) -> bool:
    """Whether the values are inverse depth here, or in the split that is trained on."""
    return any(inverse_depth(part) for part in (split, split.train) if part is not None)
