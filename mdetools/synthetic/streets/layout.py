"""What stands where along a street."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import block
from mdetools.synthetic.streets.buildings import boundary, house
from mdetools.synthetic.streets.furniture import bush, conifer, guard_rail, lamp_post, roadside, sign, tree
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.plan import Course, StreetPlan
from mdetools.synthetic.streets.traffic import FRONT, REAR, car, person, van

__all__ = ["Thing", "furnish"]

START, END = -8.0, 120.0  # metres along the street between which things stand
DETAILED = 45.0  # metres, within which wheels and the like are there
CROSSROADS = 0.12  # share of the plots with a side street behind them
LEFT, RIGHT = 1, -1


@dataclass(frozen=True, eq=False)
class Thing:
    """What stands, or moves, in a street.

    Attributes:
        parts: in its own frame.
        x: where it is along the street in the first frame, metres.
        offset: from the centre line, to the left positive, metres.
        turn: about the vertical, from the street's direction, radians.
        speed: along the street, metres per frame.
        removable: may be left out where it is too near the cameras.
        details: parts that are left out far away.
    """

    parts: list[Part]
    x: float
    offset: float
    turn: float = 0.0
    speed: float = 0.0
    removable: bool = True
    details: Sequence[Part] = ()

    def placed(self, course: Course, frame: int, viewer: np.ndarray) -> list[Part]:
        """Its parts in the world, as they are seen from a point (3,)."""
        x = self.x + self.speed * frame
        rotation, point = rotation_z(course.heading(x) + self.turn), course.point(x, self.offset)
        near = np.linalg.norm(point - viewer) < DETAILED
        return [part.moved(rotation, point) for part in (*self.parts, *(self.details if near else ()))]


def furnish(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan) -> list[Thing]:
    """Draws all that stands on the ground."""
    things = []
    for side in (LEFT, RIGHT):
        things += _pavement(palette, plan, side)
        things += _plots(rng, palette, plan, side)
        things += _row(rng, palette, plan, side, plan.trees, _tree)
        things += _row(rng, palette, plan, side, plan.furniture, _kerb_piece)
        things += _row(rng, palette, plan, side, plan.parked, _parked)
    return things + _traffic(rng, palette, plan) + _people(rng, palette, plan)


def _facing(side: int) -> float:
    """Turn after which a thing's y axis points away from the road, at that side."""
    return 0.0 if side == LEFT else np.pi


def _pavement(palette: StreetPalette, plan: StreetPlan, side: int) -> list[Thing]:
    """Slabs with a kerb, in pieces short enough to follow the curve."""
    if plan.pavement == 0:
        return []
    texture = palette.paving()
    length = END - START if plan.course.curvature == 0 else 9.0
    middles = np.arange(START + length / 2, END, length)
    half, reach = length / 2 + 0.05, plan.pavement
    slab = block((-half, half), (0, reach), (-0.3, 0.13), texture)
    slab = Part(slab.shape, texture, low=True, semantic="sidewalk")
    return [Thing([slab], float(x), side * plan.half_width, _facing(side), removable=False) for x in middles]


def _plots(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan, side: int) -> list[Thing]:
    """Houses with what closes their gardens off, one after the other."""
    things, x, edge = [], START + rng.uniform(0, 5), plan.half_width + plan.pavement
    level = int(rng.integers(plan.storeys[0], plan.storeys[1] + 1))
    while x < END - 10:
        setback = float(rng.uniform(*plan.setback))
        storeys = int(np.clip(level + rng.integers(-1, 2), *plan.storeys))
        parts, (width, _) = house(rng, palette, storeys, 9 + 3 * storeys)
        middle = x + width / 2
        # At the inner side of a curve the plots are narrower than their stretch of the centre line.
        stretch = 1 / max(1 - side * plan.course.curvature * (edge + setback + 3), 0.5)
        if rng.uniform() < plan.built:
            things.append(Thing(parts, middle, side * (edge + setback), _facing(side), removable=False))
        if rng.uniform() < plan.fenced and setback > 1.5 or rng.uniform() < 0.3 * plan.fenced:
            fence = boundary(rng, palette, width)
            things.append(Thing(fence, middle, side * (edge + 0.3), _facing(side), removable=False))
        elif plan.pavement == 0 and rng.uniform() < 0.2:
            things.append(Thing(guard_rail(rng, palette, width), middle, side * (edge + 0.8), _facing(side)))
        crossroads = rng.uniform(8, 16) if rng.uniform() < CROSSROADS else 0.0
        x += (width + float(rng.uniform(*plan.gap)) + crossroads) * stretch
    return things


Placer = Callable[[np.random.Generator, StreetPalette, StreetPlan, int, float], Thing]


def _row(
    rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan, side: int, spacing: float, place: Placer
) -> list[Thing]:
    """Things at random distances; the farther away, the fewer."""
    things, x = [], START + rng.exponential(spacing)
    while x < END - 20:
        things.append(place(rng, palette, plan, side, float(x)))
        x += 5.5 + rng.exponential(max(spacing - 5.5, 1) * (1 + max(x - 25, 0) / 35))
    return things


def _tree(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan, side: int, x: float) -> Thing:
    build = (tree, tree, conifer, bush)[int(rng.integers(4))]
    if plan.pavement > 1.7 and build is not conifer and rng.uniform() < 0.5:
        return Thing(tree(rng, palette), x, side * (plan.half_width + 0.8))
    away = plan.pavement + rng.uniform(1.5, 2.5 + plan.setback[1])
    return Thing(build(rng, palette), x, side * (plan.half_width + away), rng.uniform(0, 6))


def _kerb_piece(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan, side: int, x: float) -> Thing:
    build = (lamp_post, lamp_post, sign, sign, roadside)[int(rng.integers(5))]
    turn = _facing(side) if build is lamp_post else 0.0
    return Thing(build(rng, palette), x, side * (plan.half_width + rng.uniform(0.35, 0.7)), turn)


def _parked(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan, side: int, x: float) -> Thing:
    end, turn = (REAR, 0.0) if side == RIGHT else (FRONT, np.pi)
    parts, details, width = (car if rng.uniform() < 0.9 else van)(rng, palette, end)
    # Without a lane of their own they stand half on the pavement, or on the verge.
    inner = plan.half_width - plan.parking + (0.1 if plan.parking else 0.3)
    return Thing(parts, x, side * (inner + width / 2), turn + rng.normal(0, 0.02), details=details)


def _traffic(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan) -> list[Thing]:
    """Cars in both lanes."""
    things, pace = [], float(rng.uniform(1.5, 4))
    for side, end, turn, speed in ((LEFT, FRONT, np.pi, -pace), (RIGHT, REAR, 0.0, pace)):
        x = rng.uniform(9, 60)
        for _ in range(int(rng.integers(0, 3))):
            parts, details, _ = (car if rng.uniform() < 0.8 else van)(rng, palette, end)
            offset = side * plan.lane + rng.normal(0, 0.2)
            things.append(Thing(parts, x, offset, turn, speed * rng.uniform(0.8, 1.3), details=details))
            x += rng.uniform(14, 40)
    return things


def _people(rng: np.random.Generator, palette: StreetPalette, plan: StreetPlan) -> list[Thing]:
    count = int(rng.integers(0, 5)) if plan.pavement else 0
    beside = (plan.half_width + 0.5, plan.half_width + max(plan.pavement - 0.4, 0.6))
    return [
        Thing(
            person(rng, palette),
            float(rng.uniform(8, 45)),
            float(rng.choice([-1, 1]) * rng.uniform(*beside)),
            rng.uniform(0, 6),
            rng.uniform(-0.3, 0.3),
        )
        for _ in range(count)
    ]
