"""Draws a view of any of the worlds."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.worlds.closeups import sample_closeup
from mdetools.synthetic.worlds.drives import sample_drive
from mdetools.synthetic.worlds.grounds import sample_ground
from mdetools.synthetic.worlds.interiors import sample_interior
from mdetools.synthetic.worlds.view import View, probe

__all__ = ["KINDS", "sample_view"]

Sampler = Callable[[np.random.Generator, int], View]

# Each with its share of the frames.
KINDS: MappingProxyType[str, tuple[Sampler, float]] = MappingProxyType(
    {
        "interior": (sample_interior, 0.42),
        "closeup": (sample_closeup, 0.22),
        "drive": (sample_drive, 0.2),
        "ground": (sample_ground, 0.16),
    }
)
MOST_SKY, MOST_OF_ONE = 0.75, 0.72  # shares of the picture
LEAST_PARTS, LEAST_RATIO = 5, 1.15  # parts seen; far over near, ten per cent apart at both ends


def sample_view(rng: np.random.Generator, area: int, kind: str | None = None) -> View:
    """Draws views until one shows something: not the sky alone, nor one flat wall.

    Args:
        rng: source of all that is drawn.
        area: pixels of the picture, about; its format is drawn.
        kind: one of `KINDS`; None draws it by their shares.
    """
    if kind is None:
        shares = np.array([share for _, share in KINDS.values()])
        kind = [*KINDS][int(rng.choice(len(shares), p=shares / shares.sum()))]
    while True:
        view = KINDS[kind][0](rng, area)
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
