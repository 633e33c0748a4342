"""Draws a view of any of the worlds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.worlds.closeups import sample_closeup
from mdetools.synthetic.worlds.drives import sample_drive
from mdetools.synthetic.worlds.grounds import sample_ground
from mdetools.synthetic.worlds.interiors import sample_interior, sample_looking_down
from mdetools.synthetic.worlds.still_lifes import sample_still_life
from mdetools.synthetic.worlds.view import View, probe

__all__ = ["KINDS", "SHARES", "sample_view"]

Sampler = Callable[[np.random.Generator, int], View]

KINDS: MappingProxyType[str, Sampler] = MappingProxyType(
    {
        "interior": sample_interior,
        "looking_down": sample_looking_down,
        "closeup": sample_closeup,
        "still_life": sample_still_life,
        "drive": sample_drive,
        "ground": sample_ground,
    }
)
SHARES: MappingProxyType[str, float] = MappingProxyType(  # of the frames, where none are named
    {"interior": 0.3, "looking_down": 0.15, "closeup": 0.15, "still_life": 0.15, "drive": 0.15, "ground": 0.1}
)
MOST_SKY, MOST_OF_ONE = 0.75, 0.72  # shares of the picture
LEAST_PARTS, LEAST_RATIO = 5, 1.15  # parts seen; far over near, ten per cent apart at both ends


def sample_view(rng: np.random.Generator, area: int, shares: Mapping[str, float] = SHARES) -> View:
    """Draws views until one shows something: not the sky alone, nor one flat wall.

    Args:
        rng: source of all that is drawn.
        area: pixels of the picture, about; its format is drawn.
        shares: names of `KINDS`, each with the share of frames that it is drawn with.
    """
    chances = np.array([*shares.values()])
    kind = [*shares][int(rng.choice(len(chances), p=chances / chances.sum()))]
    while True:
        view = KINDS[kind](rng, area)
        if _is_worth_it(*probe(view)):
            return view


def _is_worth_it(depth: np.ndarray, part: np.ndarray) -> bool:
    """Whether rays of that depth (N,) and part (N,) show several things at several distances."""
    seen = part >= 0
    counts = np.bincount(part[seen])
    if seen.mean() < 1 - MOST_SKY or (counts > 0).sum() < LEAST_PARTS or counts.max() > MOST_OF_ONE * len(part):
        return False
    near, far = np.quantile(depth[seen], (0.1, 0.9))
    return far > LEAST_RATIO * near
