"""Finds the nearest hit of each ray, with bundles of rays tested against bounding spheres first."""

from collections.abc import Sequence

import numpy as np

from mdetools.synthetic.raycast.camera import Rays
from mdetools.synthetic.raycast.primitives import Primitive

__all__ = ["BUNDLE", "cast", "dot"]

BUNDLE = 16  # consecutive rays that are tested against a bounding sphere together
ANGLE_SLACK = np.float32(2e-3)  # radians, above the rounding of a cosine near 1
DISTANCE_SLACK = np.float32(1e-4)  # relative, above the rounding of a distance
CROWDED = 0.04  # share of the bundles in a bounding sphere from which on a tighter bound pays


def cast(shapes: Sequence[Primitive], rays: Rays, t_max: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Nearest hit of each ray.

    Args:
        shapes: what can be hit.
        rays: N rays.
        t_max: hits from this ray parameter on do not count.

    Returns:
        The ray parameter (N,) float32, `t_max` for a miss, and the shape's index (N,) int16, -1 for a miss.
    """
    count = rays.direction.shape[1]
    padding = ((0, 0), (0, -count % BUNDLE))
    origin = rays.origin if rays.origin.shape[1] == 1 else np.pad(rays.origin, padding, mode="edge")
    direction = np.pad(rays.direction, padding, mode="edge") if count else rays.direction
    bundled = direction.reshape(3, -1, BUNDLE)
    t = np.full(bundled.shape[1:], t_max, np.float32)
    nearest = np.full(bundled.shape[1:], -1, np.int16)
    may_hit, nearest_reach = _bundles_within_bound(shapes, origin, bundled)
    length = np.sqrt(dot(bundled, bundled)).max(axis=1) if len(t) else t[:, 0]
    far = np.full(len(t), np.inf, np.float32)  # distance within which each ray of a bundle has met something
    for index in np.argsort(nearest_reach, kind="stable"):
        bundles = np.flatnonzero(may_hit[index] & (far > nearest_reach[index]))
        if bundles.size == 0:
            continue
        whole = bundles.size == len(t)
        some = direction if whole else np.take(bundled, bundles, axis=1).reshape(3, -1)
        start = origin if whole or origin.shape[1] == 1 else origin.reshape(3, -1, BUNDLE)[:, bundles].reshape(3, -1)
        found = shapes[index].intersect(start, some).reshape(-1, BUNDLE)
        before, known = t[bundles], nearest[bundles]
        # Of two parts at the same place the first one counts, in whatever order they are tried.
        closer = (found < before) | ((found == before) & (index < known))
        if closer.any():
            t[bundles] = after = np.where(closer, found, before)
            nearest[bundles] = np.where(closer, np.int16(index), known)
            far[bundles] = after.max(axis=1) * length[bundles]
    return t.ravel()[:count], nearest.ravel()[:count]


def dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Dot products (N,) of (3,), (3, 1) or (3, N) with (3, N)."""
    return first[0] * second[0] + first[1] * second[1] + first[2] * second[2]


def _bundles_within_bound(
    shapes: Sequence[Primitive], origin: np.ndarray, bundled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which bundles of consecutive rays may meet which bounding sphere.

    A bundle lies in a cone about its mean direction; the sphere lies in a cone too, and the two either overlap or not.

    Args:
        shapes: P shapes.
        origin: (3, 1), or (3, N), for which nothing is ruled out.
        bundled: (3, B, BUNDLE), directions.

    Returns:
        (P, B) bool, and a distance (P,) from the origin within which there is nothing of a shape.
    """
    if origin.shape[1] > 1 or bundled.shape[1] == 0:
        return np.ones((len(shapes), bundled.shape[1]), bool), np.full(len(shapes), -np.inf, np.float32)
    unit = bundled / np.sqrt(dot(bundled, bundled))
    axis = unit.sum(axis=2)
    axis /= np.sqrt(dot(axis, axis)) + np.float32(1e-12)
    spread = np.arccos(np.clip(dot(axis[:, :, None], unit).min(axis=1), -1, 1)) + ANGLE_SLACK
    centres = np.array([shape.position for shape in shapes], np.float32).reshape(-1, 3).T - origin
    radii = np.array([shape.bounding_radius for shape in shapes], np.float32)
    distance = np.maximum(np.sqrt(dot(centres, centres)), np.float32(1e-9))
    sine = np.minimum(radii / distance, 1)[:, None]  # of the angle that the sphere takes up
    limit = np.sqrt(1 - sine * sine) * np.cos(spread) - sine * np.sin(spread)  # cosine of the sum of both angles
    may_hit = (dot((centres / distance)[:, :, None], axis[:, None]) >= limit) | (radii >= distance)[:, None]
    for index in np.flatnonzero(np.isfinite(radii) & (may_hit.mean(axis=1) > CROWDED)):
        # Long or near: the sphere is a poor bound. A bundle's ray strays from its axis by at most spread * distance.
        bundles = np.flatnonzero(may_hit[index])
        margin = (distance[index] + radii[index]) * spread[bundles].max()
        grown = shapes[index].grown(float(margin))
        may_hit[index, bundles] = np.isfinite(grown.intersect(origin, np.take(axis, bundles, axis=1)))
    return may_hit, (distance - radii) * (1 - DISTANCE_SLACK)
