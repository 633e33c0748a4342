"""Open ground under the sky, with anything on it: trees, houses, cars, people, walls, and things of no use."""

import numpy as np

from mdetools.synthetic.raycast.footprints import anisotropic
from mdetools.synthetic.raycast.primitives import Plane, Sphere, rotation_z
from mdetools.synthetic.raycast.scene import Part, Scene
from mdetools.synthetic.raycast.solids import IDENTITY, place_at
from mdetools.synthetic.raycast.textures import Texture
from mdetools.synthetic.streets.buildings import boundary, house
from mdetools.synthetic.streets.furniture import bush, conifer, lamp_post, roadside, sign, tree
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.traffic import FRONT, REAR, car, person, van
from mdetools.synthetic.streets.weather import sample_weather
from mdetools.synthetic.worlds.lenses import Lens, aim, sample_lens
from mdetools.synthetic.worlds.surfaces import any_surface
from mdetools.synthetic.worlds.things import any_thing
from mdetools.synthetic.worlds.view import View

__all__ = ["sample_ground"]


def sample_ground(rng: np.random.Generator, area: int) -> View:
    """Draws a piece of open ground; the camera stands at the origin and looks along x."""
    lens = sample_lens(rng, area, wide=0.3)
    height = float(np.exp(rng.uniform(np.log(0.4), np.log(6)))) if rng.uniform() < 0.5 else float(rng.normal(1.6, 0.15))
    pitch = rng.normal(-0.02, 0.06) if rng.uniform() < 0.5 else rng.uniform(-0.5, 0.12)
    eye = np.array([0, 0, height])
    camera = lens.camera(aim(eye, eye + (np.cos(pitch), 0, np.sin(pitch)), rng.normal(0, 0.04)), eye)
    palette = StreetPalette(rng)
    daylight, sky = sample_weather(rng)
    parts = [Part(Plane(IDENTITY, place_at(0, 0, 0)), _soil(rng, palette)), *_hills(rng, palette)]
    far = float(np.exp(rng.uniform(np.log(12), np.log(90))))
    near = max(1.2, 0.8 * height / max(lens.half_view[1] - pitch, 0.05))
    dense = int(np.exp(rng.uniform(np.log(6), np.log(60))))
    for _ in range(dense):
        away = float(near * (far / near) ** rng.uniform(0.1, 1))
        parts += _thing_at(rng, palette, lens, away)
    for _ in range(int(rng.integers(0, 3))):
        parts += _rows(rng, palette, near)
    parts = [part for part in parts if _clear(part, eye)]
    scene = Scene(parts, (), np.zeros(3, np.float32), (), sky, daylight, anisotropic)
    return View(scene, camera, (lens.height, lens.width))


def _clear(part: Part, eye: np.ndarray) -> bool:
    """Whether a part keeps off the camera, and stands before it."""
    if isinstance(part.shape, Plane) or part.low:
        return True
    away = part.shape.position - eye
    radius = part.shape.bounding_radius
    return away[0] > -radius and np.linalg.norm(away) > radius + 0.5 and radius > 2e-3 * np.linalg.norm(away)


def _soil(rng: np.random.Generator, palette: StreetPalette) -> Texture:
    kind = rng.uniform()
    if kind < 0.25:
        return palette.verge()
    if kind < 0.45:
        return palette.asphalt()
    if kind < 0.6:
        return palette.paving()
    return any_surface(rng, float(np.exp(rng.uniform(np.log(0.5), np.log(12)))))


def _hills(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    hills = []
    for _ in range(int(rng.integers(0, 4))):
        radius, azimuth = rng.uniform(200, 900), rng.uniform(-0.9, 0.9)
        away = radius + rng.uniform(60, 600)
        centre = place_at(away * np.cos(azimuth), away * np.sin(azimuth), rng.uniform(10, 90) - radius)
        hills.append(Part(Sphere(IDENTITY, centre, float(radius)), palette.hill(), low=True))
    return hills


def _thing_at(rng: np.random.Generator, palette: StreetPalette, lens: Lens, away: float) -> list[Part]:
    """Something so many metres ahead; large things only where they leave some of the view free."""
    spot = place_at(away, away * lens.half_view[0] * rng.uniform(-1.3, 1.3), 0)
    turn = rotation_z(rng.uniform(0, 2 * np.pi))
    kind = rng.uniform()
    if kind < 0.3:
        parts = any_thing(rng, min(float(np.exp(rng.normal(-0.1, 0.7))), 0.35 * away))
    elif kind < 0.5:
        build = (tree, tree, conifer, bush, bush)[int(rng.integers(5))]
        parts = build(rng, palette) if away > 4 else bush(rng, palette) if away > 2 else []
    elif kind < 0.62:
        parts = person(rng, palette)
    elif kind < 0.78:
        body, details, _ = (car if rng.uniform() < 0.8 else van)(rng, palette, int(rng.choice([FRONT, REAR])))
        parts = [*body, *details] if away > 4.5 else []
    elif kind < 0.9:
        parts = (lamp_post, sign, roadside)[int(rng.integers(3))](rng, palette)
    else:
        parts = house(rng, palette, int(rng.integers(1, 5)), 15)[0] if away > 14 else []
    return [part.moved(turn, spot) for part in parts]


def _rows(rng: np.random.Generator, palette: StreetPalette, near: float) -> list[Part]:
    """A fence, hedge, wall, or a row of trees, across or along the line of sight."""
    angle = rng.normal(0, 0.25) + (0 if rng.uniform() < 0.6 else np.pi / 2)
    along = np.array([np.cos(angle), np.sin(angle)])
    offset = float(rng.choice([-1, 1]) * rng.uniform(1.5, 10))
    start = np.array([near, offset]) if abs(along[0]) > 0.7 else np.array([near + abs(offset) * 2, -20])
    parts, fenced, gap = [], rng.uniform() < 0.5, rng.uniform(2, 7)
    for step in np.arange(0, 45, gap):
        spot = place_at(*(start + along * (step + gap / 2)), 0)
        some = boundary(rng, palette, gap) if fenced else (tree, bush)[int(rng.uniform() < 0.3)](rng, palette)
        parts += [part.moved(rotation_z(angle), spot) for part in some]
    return parts
