"""Close-ups: things on a table before a wall, piled up, leaning, hung up, or in mid-air."""

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Plane, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import IDENTITY, block, place_at
from mdetools.synthetic.worlds.lenses import Lens, aim, sample_lens
from mdetools.synthetic.worlds.shapes import facing_rotation, random_rotation
from mdetools.synthetic.worlds.staging import lit_scene, place_across, sample_lamps, upright_wall
from mdetools.synthetic.worlds.surfaces import any_surface, muted_surface
from mdetools.synthetic.worlds.things import any_thing, loose_shape
from mdetools.synthetic.worlds.view import View

__all__ = ["sample_closeup"]


def sample_closeup(rng: np.random.Generator, area: int) -> View:
    """Draws a close-up: the camera looks along y at what lies `reach` metres away, the wall is behind it."""
    lens = sample_lens(rng, area, wide=0.04, fov=(28, 75))
    reach = float(np.exp(rng.uniform(np.log(0.5), np.log(3.5))))
    back = reach * rng.uniform(1.15, 1.6 if rng.uniform() < 0.6 else 4)
    height = reach * (rng.uniform(0.0, 0.9) if rng.uniform() < 0.75 else rng.uniform(0.9, 2.0))
    eye = np.array([0, 0, height + 0.12 * reach])
    target = np.array([rng.normal(0, 0.1) * reach, reach, height * rng.uniform(0, 0.6) + rng.normal(0.1, 0.1) * reach])
    camera = lens.camera(aim(eye, target, rng.normal(0, 0.06)), eye)
    kind = rng.uniform()
    parts = _backdrop(rng, back)
    if kind < 0.93:
        parts += _table(rng, reach, back)
    if kind < 0.5:
        parts += _on_table(rng, lens, reach, back)
    elif kind < 0.8:
        parts += _heap(rng, lens, reach, back)
    if kind > 0.78:
        parts += _in_front(rng, lens, eye, target, back)
    ambient = rng.uniform(0.2, 0.9) * np.exp(rng.normal(0, 0.06, 3))
    scene = lit_scene(parts, sample_lamps(rng, eye, reach), ambient)
    return View(scene, camera, (lens.height, lens.width))


def _backdrop(rng: np.random.Generator, back: float) -> list[Part]:
    """A wall or a corner; slanted, strongly patterned or plain."""

    def texture():
        return muted_surface(rng, back) if rng.uniform() < 0.4 else any_surface(rng, back * rng.uniform(0.4, 1.5))

    parts = [upright_wall((0, back, 0), rng.normal(0, 0.3), rng.normal(0, 0.12), texture())]
    for side in (-1, 1):
        if rng.uniform() < 0.2:
            parts.append(
                upright_wall((side * back * rng.uniform(0.3, 0.8), 0, 0), -side * rng.uniform(0.9, 1.6), 0, texture())
            )
    return parts


def _table(rng: np.random.Generator, reach: float, back: float) -> list[Part]:
    """The surface below at z = 0: endless, or a table's edge in front of a floor."""
    top = any_surface(rng, reach * rng.uniform(0.3, 1))
    if rng.uniform() < 0.7:
        return [Part(Plane(IDENTITY, place_at(0, 0, 0)), top)]
    front, wide = reach * rng.uniform(0.1, 0.9), reach * rng.uniform(0.4, 1.5)
    floor = Part(Plane(IDENTITY, place_at(0, 0, -rng.uniform(0.3, 0.9))), any_surface(rng, reach))
    return [block((-wide, wide), (front, back), (-0.05, 0), top), floor]


def _on_table(rng: np.random.Generator, lens: Lens, reach: float, back: float) -> list[Part]:
    """Things that stand on the surface; some of one kind."""
    parts = []
    for _ in range(int(np.exp(rng.uniform(np.log(6), np.log(30))))):
        y, size = rng.uniform(0.45 * reach, back), reach * np.exp(rng.normal(-1.3, 0.5))
        spot = place_at(place_across(rng, lens, y), y, 0)
        parts += [part.moved(rotation_z(rng.uniform(0, 6)), spot) for part in any_thing(rng, size)]
    return parts


def _heap(rng: np.random.Generator, lens: Lens, reach: float, back: float) -> list[Part]:
    """Rows of things, each row behind the other and higher, on boxes."""
    parts, rows, z = [], int(rng.integers(2, 5)), 0.0
    for y in np.linspace(reach * rng.uniform(0.5, 0.8), back * 0.97, rows):
        box = block((-3 * y, 3 * y), (y, y + back), (-1, z), any_surface(rng, reach))
        parts += [box] if rng.uniform() < 0.7 else []
        for _ in range(int(rng.integers(2, 9))):
            spot = place_at(place_across(rng, lens, y), y + rng.uniform(0, 0.1) * back, z)
            thing = any_thing(rng, reach * np.exp(rng.normal(-1.4, 0.35)))
            parts += [part.moved(rotation_z(rng.uniform(0, 6)), spot) for part in thing]
        z += reach * rng.uniform(0.02, 0.25)
    return parts


def _in_front(rng: np.random.Generator, lens: Lens, eye: np.ndarray, target: np.ndarray, back: float) -> list[Part]:
    """Shapes and slanted sheets anywhere in the pyramid of view."""
    rotation = aim(eye, target, 0).astype(np.float64)
    parts, large = [], rng.uniform() < 0.5
    for _ in range(int(np.exp(rng.uniform(np.log(5), np.log(25 if not large else 9))))):
        depth = back * (1 / rng.uniform(1.05, 3.5))
        side = lens.half_view * rng.uniform(-1, 1, 2)
        spot = (eye + rotation @ (np.array([*side, 1]) * depth)).astype(np.float32)
        size = depth * max(lens.half_view) * rng.uniform(0.1, 0.5 if not large else 1.3)
        if large or rng.uniform() < 0.4:
            half = size * rng.uniform(0.3, 1, 2)
            turn = (
                rotation_z(rng.normal(0, 0.7)) @ random_rotation(rng) if rng.uniform() < 0.3 else facing_rotation(rng)
            )
            sheet = Box(turn.astype(np.float32), spot, (float(half[0]), 0.004, float(half[1])))
            parts.append(Part(sheet, any_surface(rng, size)))
        else:
            parts.append(loose_shape(rng, size).moved(IDENTITY, spot))
    return parts
