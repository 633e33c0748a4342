"""Inverse depth or disparity in place of depth."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.orientation import best_view
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

# Values that grow by a factor TREND from top to bottom in a share of the frames speak for inverse depth.
TREND, TREND_SHARE, TREND_FRAMES = 1.05, 0.8, 5
FEWEST_POINTS = 50  # places on slanted planes, for a frame to have a say
INVERSE, DEPTH = 0.4, 0.55  # share of places that look like depth; depth has 0.65 and more, inverse depth 0.35 and less


def check(split: Split) -> list[Finding]:
    """A line if planes are flat in the values themselves, or, where no plane is seen, the values grow downwards.

    Nearly every camera looks along a floor or a road, so that depth shrinks towards the bottom of the image.
    """
    shares, cure = plane_shares(split), "expected depth in metres; convert it, or set depth_kind"
    if planes_are_inverse(split):
        line = (
            f"suspected inverse depth or disparity: in {(shares < 0.5).mean():.0%} of the frames flat surfaces are "
            f"flat in the values, where for depth they are in 1 / value; {cure}"
        )
        worst = sorted(split.having("plane_share"), key=lambda record: record["plane_share"])
        return [Finding("inverse_depth", "error", line, ids(worst))]
    if (shares.size and np.median(shares) > DEPTH) or best_view(split) in ("flipped", "turned"):
        return []
    trends = np.array([record["trend"] for record in split.having("trend")])
    share = (trends > TREND).mean() if trends.size >= TREND_FRAMES else 0.0
    if share < TREND_SHARE:
        return []
    line = (
        f"suspected inverse depth or disparity: values grow towards the bottom of the image in {share:.0%} of the "
        f"frames, and metres shrink there; {cure}"
    )
    return [Finding("inverse_depth", "error", line, ids(sorted(split.having("trend"), key=lambda r: -r["trend"])))]


def plane_shares(split: Split) -> np.ndarray:
    """Per frame that shows slanted planes, in how many places their values look like depth."""
    voting = [record for record in split.having("plane_share") if record["plane_points"] >= FEWEST_POINTS]
    return np.array([record["plane_share"] for record in voting])


def planes_are_inverse(split: Split) -> bool:
    """Whether planes say that the values are inverse depth."""
    shares = plane_shares(split)
    return bool(shares.size and np.median(shares) < INVERSE and (shares < 0.5).mean() >= TREND_SHARE)
