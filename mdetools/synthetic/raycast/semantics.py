"""What class each thing that a ray meets belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from mdetools.synthetic.raycast.camera import Rays
from mdetools.synthetic.raycast.scene import Part

__all__ = ["UNKNOWN", "named", "semantics"]

UNKNOWN = 255  # id of what belongs to no class, as in the data contract


def named(semantic: str, parts: Iterable[Part]) -> list[Part]:
    """The parts, those without a class with that one: what stands on a table is none of it, if named before."""
    return [part if part.semantic else replace(part, semantic=semantic) for part in parts]


def semantics(
    parts: Sequence[Part], rays: Rays, t: np.ndarray, nearest: np.ndarray, classes: Sequence[str], miss: str = ""
) -> np.ndarray:
    """Class ids of what `cast` found.

    Args:
        parts: that were cast against.
        rays: N rays.
        t: (N,) float32, ray parameter of the hits.
        nearest: (N,) int16, index into the parts, -1 for a miss.
        classes: their names, in the order of the ids; all that the parts are named by.
        miss: class of a ray that hits nothing; empty for none.

    Returns:
        (N,) uint8, `UNKNOWN` where there is no class.
    """
    ids = {"": UNKNOWN, **{name: index for index, name in enumerate(classes)}}
    found = np.full(nearest.shape, ids[miss], np.uint8)
    for index in np.unique(nearest[nearest >= 0]):
        part, seen = parts[index], np.flatnonzero(nearest == index)
        if callable(part.semantic):
            points = Rays(rays.origin, rays.direction[:, seen], rays.pixel_angle).at(t[seen])
            found[seen] = [ids[name] for name in part.semantic(part.shape.surface(points)[1])]
        else:
            found[seen] = ids[part.semantic]
    return found
