"""Streets, seen from a car or by somebody on foot, along and across, by any camera."""

from dataclasses import replace

import numpy as np

from mdetools.synthetic.raycast.camera import Pose, upright_rotation
from mdetools.synthetic.raycast.solids import ball, post
from mdetools.synthetic.streets.layout import Thing
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.plan import StreetPlan, sample_plan
from mdetools.synthetic.streets.street import sample_street
from mdetools.synthetic.worlds.lenses import sample_lens
from mdetools.synthetic.worlds.view import View

__all__ = ["sample_drive"]


def sample_drive(rng: np.random.Generator, area: int) -> View:
    """Draws a street and a camera in it: most look along the road from a car, the rest from anywhere near the road."""
    plan = _plan(rng)
    street = sample_street(rng, 1, plan)
    lens = sample_lens(rng, area, wide=0.6, fov=(35, 80))
    x = float(rng.uniform(0, 25))
    if rng.uniform() < 0.65:
        offset, height = -plan.lane + rng.normal(0, 0.6), rng.uniform(1.2, 2.2)
        yaw, pitch = rng.normal(0, 0.08), rng.normal(-0.01, 0.035)
    else:
        offset, height = plan.half_width * rng.uniform(-1.3, 1.3), rng.uniform(0.8, 3.5)
        yaw, pitch = rng.uniform(-0.8, 0.8), rng.normal(-0.04, 0.08)
    rotation = upright_rotation(plan.course.heading(x + 4) + yaw, pitch, rng.normal(0, 0.02))
    position = plan.course.point(x, offset) + np.array([0, 0, height], np.float32)
    pose = Pose(rotation, position.astype(np.float32))
    woods = _woods(rng, plan) if rng.uniform() < 0.45 else []
    scene = replace(street, poses=[pose], things=[*street.things, *woods]).scene(0)
    return View(scene, lens.camera(rotation, position), (lens.height, lens.width))


def _plan(rng: np.random.Generator) -> StreetPlan:
    """A street as any other, or with many more trees and cars."""
    plan = sample_plan(rng)
    if rng.uniform() < 0.5:
        return plan
    return replace(plan, trees=rng.uniform(6, 20), parked=rng.uniform(7, 30), built=plan.built * rng.uniform(0, 1))


def _woods(rng: np.random.Generator, plan: StreetPlan) -> list[Thing]:
    """Thickets that line the road: bushes in front of trees, whose crowns close, or a bank of earth."""
    palette, things = StreetPalette(rng), []
    for side in (-1, 1):
        if rng.uniform() < 0.3:
            continue
        edge, step = plan.half_width + plan.pavement + rng.uniform(0.8, 6), rng.uniform(2.0, 5.0)
        low, high = rng.uniform(0.5, 1.5), rng.uniform(1.5, 4)
        for x in np.arange(rng.uniform(0, 6), 110, step):
            leaves, spread = palette.leaves(), step * rng.uniform(0.6, 0.9, 2)
            parts = [ball(0, 0, rng.uniform(0, 1) * low, max(spread[0], low), leaves)]
            if rng.uniform() < 0.8:
                parts += [ball(0, side * 2, high + rng.uniform(0, 2), spread[1] + 0.3 * high, palette.leaves())]
                parts.append(post(0, side * 1.5, (0, high), rng.uniform(0.1, 0.3), palette.bark()))
            things.append(Thing(parts, float(x), side * (edge + spread[0] + rng.exponential(1.0))))
    return things
