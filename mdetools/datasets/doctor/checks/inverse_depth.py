"""Inverse depth or disparity in place of depth."""

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.orientation import best_view
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

# Values that grow by a factor TREND from top to bottom in a share of the frames speak for inverse depth.
TREND, TREND_SHARE, TREND_FRAMES = 1.05, 0.8, 5
VOTING_SHARE = 0.25  # of the frames that must show planes
PLANE_SHARE, GROWING = 0.8, 0.4  # of the frames: where planes say so, and where values grow downwards beside that
FEWEST_POINTS = 50  # places on slanted planes, for a frame to have a say
INVERSE, DEPTH = 0.4, 0.55  # share of places that look like depth; depth has 0.65 and more, inverse depth 0.35 and less


def check(split: Split) -> list[Finding]:
    """A line if the values grow downwards and planes do not say that they are depth, or planes say that they are not.

    Nearly every camera looks along a floor or a road, so that depth shrinks towards the bottom of the image.
    """
    known = split.having("trend")
    cure = "expected depth in metres; convert it, or set depth_kind"
    if planes_are_inverse(split):
        shares = plane_shares(split)
        line = (
            f"suspected inverse depth or disparity: in {(shares < 0.5).mean():.0%} of the frames flat surfaces are "
            f"flat in the values, where for depth they are in 1 / value; {cure}"
        )
        worst = sorted(split.having("plane_share"), key=lambda record: record["plane_share"])
        return [Finding("inverse_depth", "error", line, ids(worst))]
    shares, growing = plane_shares(split), growing_share(split)
    looks_right = shares.size and np.median(shares) > DEPTH
    if len(known) < TREND_FRAMES or growing < TREND_SHARE or looks_right or best_view(split) in ("flipped", "turned"):
        return []
    line = (
        f"suspected inverse depth or disparity: values grow towards the bottom of the image in {growing:.0%} of the "
        f"frames, and metres shrink there; {cure}"
    )
    return [Finding("inverse_depth", "error", line, ids(sorted(known, key=lambda record: -record["trend"])))]


def growing_share(split: Split) -> float:
    """The share of the frames whose values grow towards the bottom."""
    trends = [record["trend"] for record in split.having("trend")]
    return float(np.mean(np.array(trends) > TREND)) if trends else 0.0


def plane_shares(split: Split) -> np.ndarray:
    """Per frame that shows slanted planes, in how many places their values look like depth."""
    voting = [record for record in split.having("plane_share") if record["plane_points"] >= FEWEST_POINTS]
    return np.array([record["plane_share"] for record in voting])


def planes_are_inverse(split: Split) -> bool:
    """Whether planes say that the values are inverse depth, and the values do not clearly shrink downwards."""
    shares = plane_shares(split)
    enough = shares.size >= VOTING_SHARE * len(split.having("plane_points"))
    inverse = shares.size and enough and np.median(shares) < INVERSE and (shares < 0.5).mean() >= PLANE_SHARE
    return bool(inverse and growing_share(split) >= GROWING)
