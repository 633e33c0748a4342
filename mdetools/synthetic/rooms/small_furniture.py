"""Furniture that stands anywhere: tables, chairs, lamps, plants, boxes, toys, wedges."""

import numpy as np

from mdetools.synthetic.raycast.colors import random_color, scale_color
from mdetools.synthetic.raycast.polyhedra import Box, ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import IDENTITY, ball, block, place_at, post
from mdetools.synthetic.raycast.textures import Noise, Plain
from mdetools.synthetic.rooms.materials import Palette
from mdetools.synthetic.rooms.pieces import Piece, clutter, legs

__all__ = ["cartons", "chair", "floor_lamp", "plant", "table", "toy", "wedge"]


def chair(rng: np.random.Generator, palette: Palette) -> Piece:
    """A chair: seat, four legs, a back at y = 0."""
    side, seat, back = rng.uniform(0.38, 0.48), rng.uniform(0.42, 0.47), rng.uniform(0.8, 1.0)
    frame, cushion = palette.furniture(), palette.cloth() if rng.uniform() < 0.5 else palette.furniture()
    x = (-side / 2, side / 2)
    parts = [block(x, (0, side), (seat - 0.04, seat), cushion), *legs(side, side, seat - 0.04, frame, 0.035)]
    parts.append(block(x, (0, 0.03), (seat + rng.uniform(0.02, 0.25), back), cushion))
    parts += [block((u - 0.017, u + 0.017), (0, 0.03), (seat, back), frame) for u in (x[0] + 0.02, x[1] - 0.02)]
    return Piece(named("chair", parts), (side, side, back))


def table(rng: np.random.Generator, palette: Palette) -> Piece:
    """A dining or coffee table, rectangular or round, with things on it."""
    h = rng.uniform(0.7, 0.78) if rng.uniform() < 0.6 else rng.uniform(0.35, 0.5)
    w, wood = rng.uniform(0.7, 1.9), palette.furniture()
    if rng.uniform() < 0.35:
        w = d = min(w, 1.3)
        parts = [post(0, d / 2, (h - 0.03, h), d / 2, wood), post(0, d / 2, (0, h), 0.05, palette.metal)]
        parts.append(post(0, d / 2, (0, 0.03), d / 4, palette.metal))
    else:
        d = rng.uniform(0.5, 1.0)
        parts = [block((-w / 2, w / 2), (0, d), (h - 0.035, h), wood), *legs(w, d, h - 0.035, wood, 0.06)]
    spread = ((-w / 3.2, w / 3.2), (d * 0.2, d * 0.8))
    parts += clutter(rng, palette, *spread, h, int(rng.integers(1, 6)))
    return Piece(named("table", parts), (w, d, h))


def floor_lamp(rng: np.random.Generator, palette: Palette) -> Piece:
    """A floor lamp; its shade glows if it is on."""
    h, radius = rng.uniform(1.3, 1.75), rng.uniform(0.13, 0.22)
    glow = 1.2 if rng.uniform() < 0.5 else 0.0
    cloth = Plain(random_color(rng, 0.11, (0.05, 0.3), (0.8, 0.95)))
    parts = [post(0, 0.2, (0, 0.03), 0.14, palette.metal), post(0, 0.2, (0, h), 0.013, palette.metal)]
    parts.append(post(0, 0.2, (h - 0.3, h), radius, cloth, glow))
    return Piece(named("lamp", parts), (0.4, 0.4, h))


def plant(rng: np.random.Generator, palette: Palette) -> Piece:
    """A pot with a bush."""
    h, radius = rng.uniform(0.25, 0.45), rng.uniform(0.12, 0.22)
    green = random_color(rng, rng.uniform(0.22, 0.38), (0.4, 0.8), (0.25, 0.6))
    leaves = Noise((0.06, 0.06), green, scale_color(green, 0.35))
    parts = [post(0, 0.3, (0, h), radius, Plain(palette.accent()))]
    for _ in range(int(rng.integers(4, 8))):
        x, y = rng.normal(0, 0.11, 2)
        parts.append(ball(x, 0.3 + y, h + rng.uniform(0.1, 0.7), rng.uniform(0.09, 0.2), leaves))
    return Piece(named("plant", parts), (0.6, 0.6, h + 0.8))


def cartons(rng: np.random.Generator, palette: Palette) -> Piece:
    """A pile of boxes, each turned a little."""
    parts, z, side = [], 0.0, rng.uniform(0.25, 0.5)
    for _ in range(int(rng.integers(1, 5))):
        high, brown = rng.uniform(0.15, 0.4), random_color(rng, 0.09, (0.3, 0.5), (0.5, 0.8))
        texture = Noise((0.3, 0.3), brown, scale_color(brown, 0.8)) if rng.uniform() < 0.7 else palette.cloth()
        half = (side * rng.uniform(0.6, 1) / 2, side * rng.uniform(0.6, 1) / 2, high / 2)
        parts.append(Part(Box(rotation_z(rng.normal(0, 0.3)), place_at(0, side / 2, z + high / 2), half), texture))
        z += high
    return Piece(named("object", parts), (side, side, z))


def toy(rng: np.random.Generator, palette: Palette) -> Piece:
    """A ball, a bean bag or a drum."""
    radius, kind = rng.uniform(0.1, 0.4), int(rng.integers(3))
    if kind == 0:
        parts = [ball(0, radius, radius, radius, palette.cloth())]
    elif kind == 1:
        parts = [ball(0, radius, radius * 0.55, radius, palette.cloth())]
    else:
        parts = [post(0, radius, (0, radius * 1.3), radius, palette.cloth())]
    return Piece(named("object", parts), (2 * radius, 2 * radius, 2 * radius))


def wedge(rng: np.random.Generator, palette: Palette) -> Piece:
    """A ramp or a tent-shaped prism: one or two slopes over a rectangle."""
    w, d, h = rng.uniform(0.4, 1.2), rng.uniform(0.5, 1.3), rng.uniform(0.25, 0.9)
    ridge = d * rng.choice([0.0, 0.5])  # y of the top edge: 0 is a ramp, the middle a tent
    normals = [(1, 0, 0), (-1, 0, 0), (0, 0, -1), (0, h, d - ridge), (0, -h, ridge)]
    offsets = [w / 2, w / 2, 0, h * d, 0]
    lengths = np.linalg.norm(normals, axis=1)
    unit = (np.array(normals) / lengths[:, None]).astype(np.float32)
    radius = float(np.linalg.norm([w / 2, d, h]))
    shape = ConvexPolyhedron(IDENTITY, place_at(0, 0, 0), unit, (offsets / lengths).astype(np.float32), radius)
    part = Part(shape, palette.cloth() if rng.uniform() < 0.5 else palette.wood())
    return Piece(named("object", [part]), (w, d, h))
