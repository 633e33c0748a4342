"""Pairs that are swapped, not rectified, or no pairs."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

FEWEST = 20  # matches over all frames
NEGATIVE = 0.6  # share of matches to the right, from which on the images are swapped
FOUND = 0.12  # share of the patches with texture that a pair finds again
SCATTERED = 0.5  # share of matches in other rows than most
RIGHT, AGREEING = (0.7, 1.4), 1.4  # of depth over what the disparity gives; how near to it the middle half lies
VARIED = 1.3  # how many times as far as the nearest matches the farthest must be, to compare with anything
SAME = 0.5  # of the frames


def check(split: Split) -> list[Finding]:
    """The first of: one image twice, no pair, swapped, in other rows, of another scale than the depth."""
    pairs = [record for record in split.having("pair_tried") if record["pair_tried"]]
    if not pairs:
        return []
    same = [record for record in pairs if record["pair_same"]]
    if len(same) >= SAME * len(pairs):
        line = f"left and right are the same image in {len(same)} of {len(pairs)} pairs; give the two cameras' images"
        return [Finding("stereo_same", "error", line, ids(same))]
    matched = [record for record in pairs if record["pair_found"]]
    return no_pairs(pairs) or swapped(matched) or not_rectified(matched) or other_scale(matched)


def gathered(records: list[dict], key: str) -> np.ndarray:
    """The values of all matches of all frames."""
    return np.array([value for record in records for value in record[key]], float)


def no_pairs(pairs: list[dict]) -> list[Finding]:
    """A line if the right image does not show what the left one does."""
    tried, found = (sum(record[key] for record in pairs) for key in ("pair_tried", "pair_found"))
    if tried < FEWEST or found >= FOUND * tried:
        return []
    line = (
        f"{found} of {tried} patches of left images are found in the right ones, expected {FOUND:.0%} or more: these "
        "are no rectified pairs, or of different frames; pair the files again"
    )
    return [Finding("stereo_unmatched", "error", line, ids(sorted(pairs, key=lambda r: r["pair_found"])))]


def swapped(matched: list[dict]) -> list[Finding]:
    """A line if points lie farther to the right in the right image."""
    shifts = gathered(matched, "pair_shift")
    moved = shifts[shifts != 0]
    if moved.size < FEWEST / 2 or (moved < 0).mean() < NEGATIVE:
        return []
    line = (
        f"left and right images are swapped: {(moved < 0).mean():.0%} of the matches lie farther to the right in the "
        "right image (negative disparity), expected farther to the left; swap the two"
    )
    return [Finding("stereo_swapped", "error", line, ids(sorted(matched, key=lambda r: np.median(r["pair_shift"]))))]


def not_rectified(matched: list[dict]) -> list[Finding]:
    """A line if matches lie in other rows."""
    rows = gathered(matched, "pair_rows")
    block = matched[0]["pair_block"]
    off = np.abs(rows) >= block
    if rows.size < FEWEST or off.mean() < SCATTERED:
        return []
    line = (
        f"the pairs are not rectified: {off.mean():.0%} of the matches lie in another row of the right image, half of "
        f"them {np.median(np.abs(rows)):.0f} or more pixels away; rectify the images"
    )
    worst = sorted(matched, key=lambda record: -abs(np.median(record["pair_rows"])))
    return [Finding("stereo_rows", "error", line, ids(worst))]


def other_scale(matched: list[dict]) -> list[Finding]:
    """A line if the depth is not what focal length, baseline and disparity give."""
    depth, expected = gathered(matched, "pair_depths").reshape(-1, 2).T
    if depth.size < FEWEST or np.divide(*np.percentile(expected, (90, 10))) < VARIED:
        return []
    low, median, high = np.percentile(depth / expected, (25, 50, 75))
    if RIGHT[0] < median < RIGHT[1] or high > AGREEING * median or low < median / AGREEING:
        return []
    line = (
        f"the depth is {median:.3g} times what the pairs' disparities give with their focal length and "
        "baseline; correct the baseline, the focal length or the unit of the depth"
    )
    return [Finding("stereo_scale", "warning", line, ids(matched))]
