"""Samples furnished rooms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mdetools.synthetic.raycast.primitives import Plane, rotation_z
from mdetools.synthetic.raycast.scene import Light, Part, Scene
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import block
from mdetools.synthetic.rooms.fixtures import ceiling_fixtures, wall_fixtures
from mdetools.synthetic.rooms.furniture import AGAINST_WALL, FREE_STANDING, Builder
from mdetools.synthetic.rooms.materials import Palette
from mdetools.synthetic.rooms.placing import Footprint, place, wall_frame, wall_length

__all__ = ["Furnisher", "Room", "furnish", "sample_room"]

Furnisher = Callable[[np.random.Generator, Palette, tuple], tuple[list[Footprint], list[Part]]]


@dataclass(eq=False)
class Room:
    """A furnished room; its floor is the rectangle [0, width] x [0, length] at z = 0.

    Attributes:
        size: (width, length, height), metres.
        scene: what the renderer takes.
        footprints: of each piece of furniture.
    """

    size: tuple[float, float, float]
    scene: Scene
    footprints: list[Footprint] = field(default_factory=list)


def sample_room(rng: np.random.Generator, furnisher: Furnisher | None = None) -> Room:
    """Draws a room: size, materials, furniture, fixtures, lamps.

    Args:
        rng: source of all that is drawn.
        furnisher: what to furnish it by; `furnish`, if None.
    """
    palette = Palette(rng)
    area, aspect = float(rng.uniform(2.2, 9.5) ** 2), rng.uniform(0.5, 1.0)
    length = min(np.sqrt(area / aspect), 10.5)
    width = max(area / length, 2.0)
    size = (float(width), float(length), float(np.clip(rng.normal(2.6, 0.3), 2.25, 3.8)))
    shell = _shell(rng, palette, size)
    footprints, parts = (furnisher or furnish)(rng, palette, size)
    for wall in range(4):
        parts += [
            part.moved(*wall_frame(size, wall))
            for part in wall_fixtures(rng, palette, wall_length(size, wall), size[2])
        ]
    fixtures, lamps = ceiling_fixtures(rng, palette, size)
    enclosure = [part.shape for part in shell]
    parts = [part for part in parts if _is_inside(part, enclosure)]
    lights = _lights(rng, size, lamps)
    warmth = rng.normal(0, 0.06)
    ambient = rng.uniform(0.25, 0.55) * np.array([1 + warmth, 1, 1 - warmth])
    scene = Scene([*shell, *parts, *fixtures], lights, ambient.astype(np.float32), enclosure)
    return Room(size, scene, footprints)


def _plane(semantic: str, point: Sequence[float], across: Sequence[float], up: Sequence[float], texture) -> Part:
    """A plane of that class whose texture runs along `across` and `up`."""
    rotation = np.stack([across, up, np.cross(across, up)], axis=1).astype(np.float32)
    return Part(Plane(rotation, np.array(point, np.float32)), texture, semantic=semantic)


def _shell(rng: np.random.Generator, palette: Palette, size: tuple) -> list[Part]:
    """Floor, ceiling, four walls, and now and then the slope of a roof; all normals point inwards."""
    width, length, height = size
    plain = palette.wall()
    walls = [plain if rng.uniform() < 0.7 else palette.wall() for _ in range(4)]
    parts = [_plane("floor", (0, 0, 0), (1, 0, 0), (0, 1, 0), palette.floor())]
    if rng.uniform() < 0.5:
        parts = [_plane("floor", (0, 0, 0), (0, 1, 0), (-1, 0, 0), parts[0].texture)]
    parts.append(_plane("ceiling", (0, 0, height), (1, 0, 0), (0, -1, 0), palette.ceiling()))
    for wall, texture in enumerate(walls):
        rotation, foot = wall_frame(size, wall)
        # Local x runs against the wall's own x, so that across x up points into the room.
        parts.append(_plane("wall", foot, -rotation[:, 0], (0, 0, 1), texture))
    if rng.uniform() < 0.2:
        slope, knee = rng.uniform(0.5, 1.0), rng.uniform(1.1, 1.6)
        up = np.array([np.cos(slope), 0, np.sin(slope)])
        parts.append(_plane("wall", (0, 0, knee), (0, 1, 0), up, walls[3]))
    return parts


def _is_inside(part: Part, enclosure: Sequence[Plane]) -> bool:
    """Whether a part's centre is inside the room (a roof's slope cuts off what hangs behind it)."""
    return all(float(plane.normal @ (part.shape.position - plane.position)) > -0.02 for plane in enclosure)


def furnish(
    rng: np.random.Generator,
    palette: Palette,
    size: tuple,
    against_wall: Sequence[Builder] = AGAINST_WALL,
    free_standing: Sequence[Builder] = FREE_STANDING,
) -> tuple[list[Footprint], list[Part]]:
    """Places pieces along the walls and in the middle, such that their footprints do not overlap.

    Args:
        rng: source of all that is drawn.
        palette: of the room.
        size: its (width, length, height), metres.
        against_wall: builders of what may stand along the walls.
        free_standing: of what may stand anywhere.
    """
    footprints: list[Footprint] = []
    parts: list[Part] = []
    area = size[0] * size[1]
    for _ in range(int(rng.integers(3, 5 + area / 6))):
        piece = against_wall[rng.integers(len(against_wall))](rng, palette)
        wall = int(rng.integers(4))
        rotation, foot = wall_frame(size, wall)
        room_left = wall_length(size, wall) - piece.size[0] - 0.1
        if room_left > 0 and piece.size[2] < size[2]:
            shift = rotation[:, 0] * rng.uniform(-room_left / 2, room_left / 2) + rotation[:, 1] * 0.02
            parts += place(piece, rotation, foot + shift, size, footprints)
    for _ in range(int(rng.integers(1, 4 + area / 5))):
        piece = free_standing[rng.integers(len(free_standing))](rng, palette)
        yaw = rng.uniform(0, 2 * np.pi) if rng.uniform() < 0.6 else rng.integers(4) * np.pi / 2
        spot = np.array([*rng.uniform((0, 0), size[:2]), 0], np.float32)
        parts += place(piece, rotation_z(yaw), spot, size, footprints)
    if rng.uniform() < 0.45:
        half = rng.uniform(0.4, 0.9, 2)
        x, y = (rng.uniform(0.5, 0.5 + max(extent - 1, 0.1)) for extent in size[:2])
        rug = block((x - half[0], x + half[0]), (y - half[1], y + half[1]), (0, 0.012), palette.cloth())
        parts += named("floor", [rug])
    return footprints, parts


def _lights(rng: np.random.Generator, size: tuple, lamps: list[np.ndarray]) -> list[Light]:
    """A light at each lamp, and sometimes daylight from the side."""
    lights = []
    for lamp in lamps:
        warm = rng.uniform(0, 0.3)
        lights.append(Light(lamp, np.array([1 + warm, 1.0, 1 - warm]) * rng.uniform(1.5, 4) / len(lamps)))
    if len(lights) == 1 and rng.uniform() < 0.6:
        spot = np.array([rng.uniform(0.1, 0.9) * size[0], 0.5, rng.uniform(1.2, 1.9)], np.float32)
        if rng.uniform() < 0.5:
            spot[1] = size[1] - 0.5
        lights.append(Light(spot, np.array([0.85, 1.0, 1.15]) * rng.uniform(1.0, 3.0)))
    return lights
