"""What furniture is made of: upright blocks, posts, balls, legs, and small things to put on it."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Cylinder, Sphere, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.textures import Plain, Texture
from mdetools.synthetic.rooms.materials import Palette, random_color

__all__ = ["IDENTITY", "Piece", "ball", "block", "clutter", "legs", "place_at", "post"]

IDENTITY = np.eye(3, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of furniture in its own frame: its back is the plane y = 0, it extends to y = depth, x is centred, z up.

    Attributes:
        parts: what it is made of.
        size: (width, depth, height), metres.
    """

    parts: list[Part]
    size: tuple[float, float, float]


def place_at(x: float, y: float, z: float) -> np.ndarray:
    """A position (3,) float32, metres."""
    return np.array([x, y, z], np.float32)


def block(x: tuple, y: tuple, z: tuple, texture: Texture, emission: float = 0.0) -> Part:
    """An upright box from its (low, high) bounds along each axis."""
    centre = place_at(*(sum(bounds) / 2 for bounds in (x, y, z)))
    half = tuple(float(high - low) / 2 for low, high in (x, y, z))
    return Part(Box(IDENTITY, centre, half), texture, emission)


def post(x: float, y: float, z: tuple, radius: float, texture: Texture, emission: float = 0.0) -> Part:
    """An upright cylinder between two heights."""
    low, high = z
    return Part(Cylinder(IDENTITY, place_at(x, y, (low + high) / 2), radius, (high - low) / 2), texture, emission)


def ball(x: float, y: float, z: float, radius: float, texture: Texture, emission: float = 0.0) -> Part:
    """A sphere."""
    return Part(Sphere(IDENTITY, place_at(x, y, z), radius), texture, emission)


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
    return parts
