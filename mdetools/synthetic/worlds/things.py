"""Things of no particular use: single shapes, piles, figures, racks, bunches, vases, lamps on thin legs.

In their own frame they stand on z = 0 about the origin.
"""

from collections.abc import Callable

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Cylinder, Sphere, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import IDENTITY, ball, block, place_at, post
from mdetools.synthetic.raycast.textures import Texture
from mdetools.synthetic.worlds.shapes import any_shape, cone, random_rotation, tilted_rotation
from mdetools.synthetic.worlds.surfaces import any_surface

__all__ = ["any_thing", "loose_shape"]


def loose_shape(rng: np.random.Generator, size: float) -> Part:
    """One shape at any angle about the origin."""
    return Part(any_shape(rng, size, random_rotation(rng)), any_surface(rng, size))


def _single(rng: np.random.Generator, size: float) -> list[Part]:
    shape = any_shape(rng, size, tilted_rotation(rng, 0.15 if rng.uniform() < 0.7 else 1.0))
    lift = place_at(0, 0, shape.bounding_radius * rng.uniform(0.4, 0.75))
    return [Part(shape.moved(IDENTITY, lift), any_surface(rng, size))]


def _pile(rng: np.random.Generator, size: float) -> list[Part]:
    parts, z, count = [], 0.0, int(rng.integers(2, 8))
    same = any_surface(rng, size) if rng.uniform() < 0.3 else None
    for _ in range(count):
        half = size / 2 * rng.uniform(0.5, 1, 2)
        high = size * rng.uniform(0.05, 0.5) / np.sqrt(count)
        spot = place_at(*rng.normal(0, 0.06 * size, 2), z + high)
        shape = Box(rotation_z(rng.normal(0, 0.4)), spot, (float(half[0]), float(half[1]), float(high)))
        parts.append(Part(shape, same or any_surface(rng, size)))
        z += 2 * high
    return parts


def _figure(rng: np.random.Generator, size: float) -> list[Part]:
    """A body with a head, arms and legs: a doll, a teddy bear, somebody."""
    coat, skin = any_surface(rng, size), any_surface(rng, 0.3 * size)
    wide, hip, neck = size * rng.uniform(0.1, 0.22), size * rng.uniform(0.1, 0.5), size * rng.uniform(0.65, 0.8)
    body = (hip + neck) / 2
    if rng.uniform() < 0.5:
        parts = [post(0, 0, (hip, neck), wide, coat)]
    else:
        parts = [ball(0, 0, body, (neck - hip) / 2 + 0.04 * size, coat)]
    parts.append(ball(0, 0, neck + 0.12 * size, size * rng.uniform(0.1, 0.16), skin))
    for side in (-1, 1):
        parts.append(post(side * 0.6 * wide, rng.normal(0, 0.05) * size, (0, hip + 0.05 * size), 0.4 * wide, coat))
        arm = Cylinder(tilted_rotation(rng, 0.6), place_at(side * 1.3 * wide, 0, body), float(0.3 * wide), 0.22 * size)
        parts.append(Part(arm, coat))
    return parts


def _rack(rng: np.random.Generator, size: float) -> list[Part]:
    """Uprights and bars: a chair's back, a fence, a crate, a frame to look through."""
    texture, w, h = any_surface(rng, size), size * rng.uniform(0.4, 1.0), size * rng.uniform(0.5, 1.2)
    thin, depth = size * rng.uniform(0.01, 0.05), size * rng.uniform(0.01, 0.5)
    parts = [
        block((u - thin, u + thin), (-thin, thin), (0, h), texture) for u in np.linspace(-w, w, rng.integers(2, 7))
    ]
    for z in np.linspace(0.1 * h, h, rng.integers(2, 5)):
        parts.append(block((-w, w), (-thin, thin if rng.uniform() < 0.6 else depth), (z - thin, z + thin), texture))
    return parts


def _bunch(rng: np.random.Generator, size: float) -> list[Part]:
    """Balls that grow into each other: a bush, fruit, crumpled cloth."""
    texture, flat = any_surface(rng, size / 2), rng.uniform(0.2, 1)
    spots = rng.normal(0, 0.28 * size, (int(rng.integers(4, 12)), 3)) * (1, 1, flat)
    radii = size * rng.uniform(0.12, 0.35, len(spots))
    return [
        Part(Sphere(random_rotation(rng), place_at(x, y, abs(z) + 0.5 * radius), float(radius)), texture)
        for (x, y, z), radius in zip(spots, radii, strict=True)
    ]


def _vase(rng: np.random.Generator, size: float) -> list[Part]:
    """Discs of several widths on each other: a bottle, a cup, a lamp, a hydrant."""
    texture, z, parts = any_surface(rng, size), 0.0, []
    for _ in range(int(rng.integers(2, 6))):
        high = size * rng.uniform(0.05, 0.45)
        parts.append(post(0, 0, (z, z + high), size * rng.uniform(0.06, 0.3), texture))
        z += high
    if rng.uniform() < 0.5:
        parts.append(ball(0, 0, z, size * rng.uniform(0.05, 0.3), any_surface(rng, size)))
    return parts


def _stand(rng: np.random.Generator, size: float) -> list[Part]:
    """Something on thin legs: a lamp, a tripod, a sign, a flower."""
    metal, head = any_surface(rng, 0.2 * size), any_surface(rng, 0.4 * size)
    radius, high = size * rng.uniform(0.01, 0.03), size * rng.uniform(0.5, 1.3)
    parts = [post(0, 0, (0, high), radius, metal)]
    for _ in range(int(rng.integers(0, 4))):
        leg = Cylinder(tilted_rotation(rng, 0.5), place_at(0, 0, 0.3 * high), float(radius), float(0.45 * high))
        parts.append(Part(leg, metal))
    shape = any_shape(rng, 0.4 * size, tilted_rotation(rng, 0.4))
    return [*parts, Part(shape.moved(IDENTITY, place_at(0, 0, high)), head)]


def _cones(rng: np.random.Generator, size: float) -> list[Part]:
    """One cone or several in a group."""
    texture: Texture = any_surface(rng, size)
    spread, sides = 0.35 * size, int(rng.integers(3, 12))
    return [
        Part(
            cone(
                rotation_z(rng.uniform(0, 6)),
                place_at(*rng.normal(0, spread, 2), 0),
                size * rng.uniform(0.15, 0.35),
                size * rng.uniform(0.5, 1.2),
                sides,
            ),
            texture,
        )
        for _ in range(int(rng.integers(1, 4)))
    ]


THINGS: tuple[Callable[[np.random.Generator, float], list[Part]], ...] = (
    _single,
    _single,
    _single,
    _single,
    _pile,
    _figure,
    _rack,
    _bunch,
    _vase,
    _stand,
    _cones,
)


def any_thing(rng: np.random.Generator, size: float) -> list[Part]:
    """A thing of about `size` metres."""
    return THINGS[int(rng.integers(len(THINGS)))](rng, size)
