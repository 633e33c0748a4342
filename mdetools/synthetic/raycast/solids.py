"""Upright solids as parts of a scene: blocks, posts and balls, which most things are made of."""

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Cylinder, Sphere
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.textures import Texture

__all__ = ["IDENTITY", "ball", "block", "place_at", "post"]

IDENTITY = np.eye(3, dtype=np.float32)


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
