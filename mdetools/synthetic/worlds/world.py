"""Draws a view of any of the worlds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.worlds.closeups import sample_closeup
from mdetools.synthetic.worlds.composition import chance_to_be_taken
from mdetools.synthetic.worlds.drives import sample_drive
from mdetools.synthetic.worlds.grounds import sample_ground
from mdetools.synthetic.worlds.interiors import sample_interior, sample_looking_down, sample_over_furniture
from mdetools.synthetic.worlds.posters import sample_posters
from mdetools.synthetic.worlds.still_lifes import sample_still_life
from mdetools.synthetic.worlds.tabletops import sample_tabletop
from mdetools.synthetic.worlds.view import Probe, View, probe

__all__ = ["KINDS", "SHARES", "sample_view"]

Sampler = Callable[[np.random.Generator, int], View]

KINDS: MappingProxyType[str, Sampler] = MappingProxyType(
    {
        "interior": sample_interior,
        "looking_down": sample_looking_down,
        "over_furniture": sample_over_furniture,
        "closeup": sample_closeup,
        "still_life": sample_still_life,
        "tabletop": sample_tabletop,
        "posters": sample_posters,
        "drive": sample_drive,
        "ground": sample_ground,
    }
)
SHARES: MappingProxyType[str, float] = MappingProxyType(  # of the frames, where none are named
    {
        "interior": 0.15,
        "looking_down": 0.05,
        "over_furniture": 0.15,
        "closeup": 0.05,
        "still_life": 0.1,
        "tabletop": 0.2,
        "posters": 0.1,
        "drive": 0.12,
        "ground": 0.08,
    }
)
MOST_SKY, MOST_OF_ONE = 0.75, 0.72  # shares of the picture
LEAST_PARTS, LEAST_RATIO = 4, 1.15  # parts seen; far over near, ten per cent apart at both ends


def sample_view(rng: np.random.Generator, area: int, shares: Mapping[str, float] = SHARES) -> View:
    """Draws views until one shows something, not the sky alone nor one flat wall, as people compose pictures.

    Args:
        rng: source of all that is drawn.
        area: pixels of the picture, about; its format is drawn.
        shares: names of `KINDS`, each with the share of frames that it is drawn with.
    """
    chances = np.array([*shares.values()])
    kind = [*shares][int(rng.choice(len(chances), p=chances / chances.sum()))]
    while True:
        view = KINDS[kind](rng, area)
        rays = probe(view)
        if _is_worth_it(rays) and rng.uniform() < chance_to_be_taken(rays):
            return view


def _is_worth_it(rays: Probe) -> bool:
    """Whether a view shows several things at several distances."""
    seen = rays.part >= 0
    counts = np.bincount(rays.part[seen])
    if seen.mean() < 1 - MOST_SKY or (counts > 0).sum() < LEAST_PARTS or counts.max() > MOST_OF_ONE * len(seen):
        return False
    near, far = np.quantile(rays.depth[seen], (0.1, 0.9))
    return far > LEAST_RATIO * near
