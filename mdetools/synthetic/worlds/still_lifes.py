"""Still lifes: things of some size that stand on a table before a wall, seen by a camera that is nearly level."""

import numpy as np

from mdetools.synthetic.raycast.primitives import Plane, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import IDENTITY, place_at
from mdetools.synthetic.worlds.lenses import Lens, aim, sample_lens
from mdetools.synthetic.worlds.staging import any_board, backdrop, lit_scene, place_across, sample_lamps
from mdetools.synthetic.worlds.surfaces import plain_or_any_surface
from mdetools.synthetic.worlds.things import any_thing
from mdetools.synthetic.worlds.view import View

__all__ = ["sample_still_life"]


def sample_still_life(rng: np.random.Generator, area: int) -> View:
    """Draws a still life: the camera looks along y, slightly down at things about `reach` metres away."""
    lens = sample_lens(rng, area, wide=0.0, fov=(32, 58))
    reach = float(np.exp(rng.uniform(np.log(0.7), np.log(3))))
    back = reach * rng.uniform(1.15, 1.9)
    fall = rng.uniform(0.02, 0.16) if rng.uniform() < 0.5 else rng.uniform(0.16, 0.55)
    eye = np.array([0, 0, reach * (lens.half_view[1] * rng.uniform(0.35, 0.85) + fall)])
    target = np.array([0, reach, eye[2] - reach * fall])
    camera = lens.camera(aim(eye, target, rng.normal(0, 0.025)), eye)
    parts = backdrop(rng, lens, back)
    parts.append(Part(Plane(IDENTITY, place_at(0, 0, 0)), plain_or_any_surface(rng, reach * rng.uniform(0.3, 1))))
    parts += _things(rng, lens, reach, back)
    ambient = rng.uniform(0.45, 0.9) * np.exp(rng.normal(0, 0.04, 3))
    scene = lit_scene(parts, sample_lamps(rng, eye, reach), ambient)
    return View(scene, camera, (lens.height, lens.width))


def _things(rng: np.random.Generator, lens: Lens, reach: float, back: float) -> list[Part]:
    """Four to 22 things that together fill a good part of the picture; a third of them upright blocks and boards."""
    count, parts = int(np.exp(rng.uniform(np.log(4), np.log(22)))), []
    usual = 2 * reach * lens.half_view[1] * rng.uniform(0.35, 0.75) * (6 / max(count, 6)) ** 0.35
    for _ in range(count):
        y, size = rng.uniform(0.55 * reach, 0.97 * back), usual * np.exp(rng.normal(0, 0.35))
        spot = place_at(place_across(rng, lens, y), y, 0)
        if rng.uniform() < 0.35:
            thing, turn = any_board(rng, size), rng.normal(0, 0.6)
        else:
            thing, turn = any_thing(rng, size), rng.uniform(0, 6)
        parts += [part.moved(rotation_z(turn), spot) for part in thing]
    return parts
