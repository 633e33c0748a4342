"""Things on a table, or on steps that rise to a wall: near at the bottom of the picture, far at its top."""

import numpy as np

from mdetools.synthetic.raycast.primitives import Plane, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import IDENTITY, block, place_at
from mdetools.synthetic.worlds.lenses import Lens, aim, sample_lens
from mdetools.synthetic.worlds.staging import any_board, backdrop, lit_scene, place_across, sample_lamps
from mdetools.synthetic.worlds.surfaces import plain_or_any_surface
from mdetools.synthetic.worlds.things import any_thing
from mdetools.synthetic.worlds.view import View

__all__ = ["sample_tabletop"]

STEPPED = 0.65  # share of the scenes
LOWEST = 1.2  # radians below the horizon that the lowest ray goes at most


def sample_tabletop(rng: np.random.Generator, area: int) -> View:
    """Draws a table whose near edge is at the lower edge of the picture; the camera looks along y, level or down."""
    lens = sample_lens(rng, area, wide=0.0, fov=(30, 62))
    half = np.arctan(lens.half_view[1])
    near = float(np.exp(rng.uniform(np.log(0.35), np.log(2))))  # metres away along y
    back = near * float(np.exp(rng.uniform(np.log(1.7), np.log(6))))
    pitch = rng.uniform(0, 0.6) if rng.uniform() < 0.6 else rng.uniform(-0.03, 0.2)  # radians, down
    lowest = min(pitch + half, LOWEST)
    eye = np.array([0, 0, near * np.tan(lowest)])
    camera = lens.camera(aim(eye, np.array([0, near, eye[2] - near * np.tan(pitch)]), rng.normal(0, 0.03)), eye)
    # How high the steps are at the wall: where a ray in the upper part of the picture meets it.
    top = max(eye[2] + back * np.tan(2 * half * rng.uniform(0.3, 1) - lowest), 0) if rng.uniform() < STEPPED else 0
    parts = backdrop(rng, lens, back)
    parts.append(Part(Plane(IDENTITY, place_at(0, 0, 0)), plain_or_any_surface(rng, near * rng.uniform(0.5, 2))))
    parts += _rows(rng, lens, near, back, top)
    ambient = rng.uniform(0.35, 0.9) * np.exp(rng.normal(0, 0.04, 3))
    scene = lit_scene(parts, sample_lamps(rng, eye, (near + back) / 2), ambient)
    return View(scene, camera, (lens.height, lens.width))


def _rows(rng: np.random.Generator, lens: Lens, near: float, back: float, top: float) -> list[Part]:
    """Rows of things one behind the other, mostly on steps that reach the height `top` at the wall."""
    count = int(rng.integers(2, 7 if top else 5))
    edges = np.geomspace(near * rng.uniform(0.9, 1.2), 0.95 * back, count + 1)
    cloth = plain_or_any_surface(rng, near) if rng.uniform() < 0.4 else None
    usual, parts = rng.uniform(0.25, 0.8), []
    for front, end in zip(edges, edges[1:], strict=False):
        height = max(top * (front - near) / (back - near), 0.0)
        if height > 0.01 * near and rng.uniform() < 0.85:
            surface = cloth or plain_or_any_surface(rng, near)
            parts.append(block((-4 * end, 4 * end), (front, front + back), (-0.5 * near, height), surface))
        for _ in range(int(rng.integers(1, 7))):
            y = rng.uniform(front, end)
            size = 2 * y * lens.half_view[1] * usual * np.exp(rng.normal(0, 0.4)) * rng.uniform(0.3, 0.8)
            is_board = rng.uniform() < 0.3
            thing = any_board(rng, size) if is_board else any_thing(rng, size)
            turn = rotation_z(rng.normal(0, 0.6) if is_board else rng.uniform(0, 6))
            spot = place_at(place_across(rng, lens, y), y, height)
            parts += [part.moved(turn, spot) for part in thing]
    return parts
