"""What furniture is made of: a piece with its frame, legs, and small things to put on it."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.colors import random_color
from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import ball, block, place_at, post
from mdetools.synthetic.raycast.textures import Plain, Texture
from mdetools.synthetic.rooms.materials import Palette

__all__ = ["Piece", "clutter", "legs"]


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of furniture in its own frame: its back is the plane y = 0, it extends to y = depth, x is centred, z up.

    Attributes:
        parts: what it is made of.
        size: (width, depth, height), metres.
    """

    parts: list[Part]
    size: tuple[float, float, float]


def legs(width: float, depth: float, height: float, texture: Texture, thickness: float = 0.05) -> list[Part]:
    """Four square legs under a rectangle which starts at y = 0."""
    x, y, half = width / 2 - thickness, (thickness, depth - thickness), thickness / 2
    corners = [(side * x, at) for side in (-1, 1) for at in y]
    return [block((u - half, u + half), (v - half, v + half), (0, height), texture) for u, v in corners]


def clutter(rng: np.random.Generator, palette: Palette, x: tuple, y: tuple, z: float, count: int) -> list[Part]:
    """Small things on a horizontal surface: books, cups, bottles, balls."""
    parts = []
    for _ in range(count):
        u, v, kind = rng.uniform(*x), rng.uniform(*y), int(rng.integers(4))
        paint = Plain(random_color(rng, value=(0.3, 0.95)))
        if kind == 0:
            half, high = rng.uniform(0.07, 0.14), rng.uniform(0.02, 0.12)
            shape = Box(rotation_z(rng.uniform(0, 3)), place_at(u, v, z + high / 2), (half, half * 0.7, high / 2))
            parts.append(Part(shape, paint))
        elif kind == 1:
            parts.append(post(u, v, (z, z + rng.uniform(0.08, 0.12)), rng.uniform(0.03, 0.05), paint))
        elif kind == 2:
            high, radius = rng.uniform(0.18, 0.26), rng.uniform(0.03, 0.045)
            parts += [post(u, v, (z, z + high), radius, paint)]
            parts += [post(u, v, (z + high, z + high + 0.08), radius * 0.4, palette.metal)]
        else:
            radius = rng.uniform(0.04, 0.12)
            parts.append(ball(u, v, z + radius, radius, palette.cloth()))
    return named("object", parts)
