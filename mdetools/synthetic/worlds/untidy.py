"""Rooms with odd surfaces and things lying about."""

from dataclasses import replace

import numpy as np

from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import place_at
from mdetools.synthetic.rooms.room import Furnisher, Room, sample_room
from mdetools.synthetic.worlds.surfaces import any_surface
from mdetools.synthetic.worlds.things import any_thing

__all__ = ["sample_untidy_room"]


def sample_untidy_room(rng: np.random.Generator, furnisher: Furnisher | None = None) -> Room:
    """A room; a third of them with odd surfaces, half of them with things lying about."""
    room = sample_room(rng, furnisher)
    parts = _repainted(rng, room)
    if rng.uniform() < 0.5:
        parts += _mess(rng, room)
    return replace(room, scene=replace(room.scene, parts=parts))


def _repainted(rng: np.random.Generator, room: Room) -> list[Part]:
    """The room's parts, in one room of three with a surface of any kind in place of some."""
    if rng.uniform() < 0.67:
        return list(room.scene.parts)
    share, parts = rng.uniform(0.05, 0.5), []
    for part in room.scene.parts:
        if part.emission == 0 and rng.uniform() < share:
            scale = min(part.shape.bounding_radius, 2.0)
            part = replace(part, texture=any_surface(rng, scale))
        parts.append(part)
    return parts


def _mess(rng: np.random.Generator, room: Room) -> list[Part]:
    """Things on the floor and on what stands on it."""
    parts = []
    for _ in range(int(rng.integers(3, 20))):
        x, y, z = *rng.uniform(0.2, np.array(room.size[:2]) - 0.2), 0.0
        for x0, y0, x1, y1, height in room.footprints:
            if x0 < x < x1 and y0 < y < y1:
                z = height
        size = min(float(np.exp(rng.normal(-1.3, 0.5))), 0.8) * (0.5 if z else 1)
        if z + 2 * size < room.size[2]:
            parts += [part.moved(rotation_z(rng.uniform(0, 6)), place_at(x, y, z)) for part in any_thing(rng, size)]
    return parts
