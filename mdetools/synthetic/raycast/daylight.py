"""Light out of doors: a sun that casts hard shadows, a sky that lights from above, and haze."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.casting import BUNDLE, dot
from mdetools.synthetic.raycast.primitives import Primitive

__all__ = ["Daylight", "in_shadow"]

GROUP = 16  # consecutive bundles that are tested against a shape together, before each alone
LIFT = np.float32(0.015)  # metres off the surface, so that it does not shade itself


@dataclass(frozen=True, eq=False)
class Daylight:
    """Sun, sky and haze; colours are linear.

    Attributes:
        direction: (3,) float32, unit, towards the sun.
        sun: (3,) float32, light on a surface that faces it.
        sky: (3,) float32, light on a surface that faces up.
        ground: (3,) float32, light on a surface that faces down.
        haze: (3,) float32, colour of far things.
        visibility: metres, over which haze takes 1 - 1/e of a colour.
    """

    direction: np.ndarray
    sun: np.ndarray
    sky: np.ndarray
    ground: np.ndarray
    haze: np.ndarray
    visibility: float

    def irradiance(self, occluders: Sequence[Primitive], points: np.ndarray, normal: np.ndarray) -> np.ndarray:
        """Light (3, N) that arrives at points (3, N) with normals (3, N)."""
        up = 0.5 + 0.5 * normal[2]
        total = self.ground[:, None] + (self.sky - self.ground)[:, None] * up
        cosine = dot(self.direction, normal)
        lit = np.flatnonzero(cosine > 0)
        start = np.take(points, lit, axis=1) + LIFT * np.take(normal, lit, axis=1)
        lit = lit[~in_shadow(occluders, start, self.direction)]
        total[:, lit] += self.sun[:, None] * cosine[lit]
        return total

    def through_haze(self, color: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """Colours (3, N) of what lies `reach` (N,) metres away."""
        haze = self.haze[:, None]
        return haze + (color - haze) * np.exp(reach * np.float32(-1 / self.visibility))


def in_shadow(occluders: Sequence[Primitive], points: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Which of N points a parallel light does not reach.

    Args:
        occluders: what casts shadows.
        points: (3, N) float32, metres; points that follow each other should lie close together.
        direction: (3,) float32, unit, towards the light.

    Returns:
        (N,) bool.
    """
    count = points.shape[1]
    if count == 0:
        return np.zeros(0, bool)
    bundled = np.pad(points, ((0, 0), (0, -count % BUNDLE)), mode="edge").reshape(3, -1, BUNDLE)
    shadowed = np.zeros(bundled.shape[1:], bool)
    frame = _frame(direction)
    bundles, groups = _Discs.around(frame, bundled), _Discs.around(frame, _in_groups(bundled))
    for shape in occluders:
        centre, radius = frame @ shape.position, shape.bounding_radius
        rough = np.flatnonzero(groups.may_be_behind(slice(None), centre, radius))
        members = (rough[:, None] * GROUP + np.arange(GROUP)).ravel()
        members = members[: np.searchsorted(members, len(shadowed))]
        behind = members[bundles.may_be_behind(members, centre, radius)]
        if behind.size:
            start = np.take(bundled, behind, axis=1).reshape(3, -1)
            shadowed[behind] |= np.isfinite(shape.intersect(start, direction[:, None])).reshape(-1, BUNDLE)
    return shadowed.ravel()[:count]


def _frame(direction: np.ndarray) -> np.ndarray:
    """A rotation (3, 3) float32 whose third row is the direction."""
    side = np.cross(direction, (1.0, 0.0, 0.0) if abs(direction[0]) < 0.7 else (0.0, 1.0, 0.0))
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(direction, side), direction]).astype(np.float32)


def _in_groups(bundled: np.ndarray) -> np.ndarray:
    """Bundles (3, B, BUNDLE) joined to (3, ceil(B / GROUP), GROUP * BUNDLE)."""
    padded = np.pad(bundled, ((0, 0), (0, -bundled.shape[1] % GROUP), (0, 0)), mode="edge")
    return padded.reshape(3, -1, GROUP * BUNDLE)


@dataclass(frozen=True, eq=False)
class _Discs:
    """What bundles of points are as the light sees them: discs, which overlap a shape's own disc or not.

    Attributes:
        x: of the discs' centres, (B,).
        y: of the discs' centres, (B,).
        radius: (B,).
        behind: of the points of a bundle the farthest from the light, (B,).
    """

    x: np.ndarray
    y: np.ndarray
    radius: np.ndarray
    behind: np.ndarray

    @classmethod
    def around(cls, frame: np.ndarray, bundled: np.ndarray) -> "_Discs":
        """Of bundles (3, B, n), in the frame (3, 3) of the light."""
        x, y, depth = (dot(axis, bundled) for axis in frame)
        middle_x, middle_y = ((values.min(axis=1) + values.max(axis=1)) / 2 for values in (x, y))
        radius = np.sqrt(((x - middle_x[:, None]) ** 2 + (y - middle_y[:, None]) ** 2).max(axis=1))
        return cls(middle_x, middle_y, radius, depth.min(axis=1))

    def may_be_behind(self, some: np.ndarray | slice, centre: np.ndarray, radius: float) -> np.ndarray:
        """Which of some discs may lie behind a sphere with that centre, in the frame of the light."""
        x, y, depth = centre
        reach = self.radius[some] + np.float32(radius * 1.001)
        apart = (self.x[some] - x) ** 2 + (self.y[some] - y) ** 2
        return (apart <= reach * reach) & (self.behind[some] <= depth + np.float32(radius))
