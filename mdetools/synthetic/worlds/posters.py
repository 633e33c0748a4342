"""Posters: sheets with pictures and patterns one in front of the other, before a wall that has one too."""

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box, ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import Plane, Primitive, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import IDENTITY, place_at
from mdetools.synthetic.raycast.textures import Texture
from mdetools.synthetic.worlds.lenses import aim, sample_lens
from mdetools.synthetic.worlds.pictures import any_picture
from mdetools.synthetic.worlds.shapes import facing_rotation
from mdetools.synthetic.worlds.staging import lit_scene, sample_lamps, upright_wall
from mdetools.synthetic.worlds.surfaces import any_surface
from mdetools.synthetic.worlds.things import any_thing
from mdetools.synthetic.worlds.view import View

__all__ = ["sample_posters"]

PICTURES = 0.65  # share of the surfaces
THIN = 0.004  # metres, half of a sheet


def sample_posters(rng: np.random.Generator, area: int) -> View:
    """Draws one to eight sheets, shapes cut out of cardboard and things; what is nearer mostly stands lower."""
    lens = sample_lens(rng, area, wide=0.0, fov=(28, 65))
    near = float(np.exp(rng.uniform(np.log(0.5), np.log(2))))
    back = near * float(np.exp(rng.uniform(np.log(1.3), np.log(4.5))))
    eye, rotation = np.zeros(3), aim(np.zeros(3), np.array([0, back, 0]), rng.normal(0, 0.03))
    parts = [
        upright_wall((0, back, 0), rng.normal(0, 0.25), rng.normal(0, 0.15), _print(rng, 2 * back * lens.half_view[0]))
    ]
    if rng.uniform() < 0.45:
        parts.append(Part(Plane(IDENTITY, place_at(0, 0, -near * rng.uniform(0.2, 0.6))), _print(rng, near)))
    stacked = rng.uniform() < 0.9
    for _ in range(int(rng.integers(1, 9))):
        share = rng.uniform()  # of the way to the wall, in inverse depth
        depth = 0.99 / ((1 - share) / near + share / back)
        down = (
            0.6 * rng.uniform(-1, 1) + 0.6 * (1 - 2 * share) * rng.uniform(0.5, 1.2) if stacked else rng.uniform(-1, 1)
        )
        side = np.array(lens.half_view) * (rng.uniform(-1, 1), np.clip(down, -1.2, 1.1))
        spot = (rotation.astype(np.float64) @ (np.array([*side, 1]) * depth)).astype(np.float32)
        parts += _something(rng, depth * max(lens.half_view) * rng.uniform(0.15, 0.8), spot)
    ambient = rng.uniform(0.35, 0.95) * np.exp(rng.normal(0, 0.04, 3))
    scene = lit_scene(parts, sample_lamps(rng, eye, near), ambient)
    return View(scene, lens.camera(rotation, eye), (lens.height, lens.width))


def _print(rng: np.random.Generator, width: float) -> Texture:
    """A picture or another surface for a sheet of about that width, metres."""
    if rng.uniform() < PICTURES:
        return any_picture(rng, width * float(np.exp(rng.uniform(-0.7, 0.9))))
    return any_surface(rng, width * float(np.exp(rng.uniform(-1, 0))))


def _something(rng: np.random.Generator, size: float, spot: np.ndarray) -> list[Part]:
    """A sheet, a shape cut out of cardboard, or a thing, at the spot (3,)."""
    kind = rng.uniform()
    if kind > 0.82:
        turn = rotation_z(rng.uniform(0, 6))
        return [part.moved(turn, spot) for part in any_thing(rng, size)]
    half = size * np.exp(rng.normal(-0.2, 0.35, 2))
    turn = facing_rotation(rng)
    if kind < 0.7:
        shape: Primitive = Box(turn, spot, (float(half[0]), THIN, float(half[1])))
    else:
        shape = _cut_out(rng, size).moved(turn, spot)
    return [Part(shape, _print(rng, 2 * half[0]))]


def _cut_out(rng: np.random.Generator, size: float) -> ConvexPolyhedron:
    """A flat polygon of three to six corners that faces along y, about the origin."""
    corners = int(rng.integers(3, 7))
    angle = np.arange(corners) * 2 * np.pi / corners + rng.normal(0, 0.2, corners) + rng.uniform(0, 6)
    around = np.stack([np.cos(angle), np.zeros(corners), np.sin(angle)], axis=1)
    normals = np.concatenate([around, [[0, 1, 0], [0, -1, 0]]]).astype(np.float32)
    offsets = np.array([*(size * rng.uniform(0.4, 0.9, corners)), THIN, THIN], np.float32)
    return ConvexPolyhedron(IDENTITY, place_at(0, 0, 0), normals, offsets, 4 * size)
