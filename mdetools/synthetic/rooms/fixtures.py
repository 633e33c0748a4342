"""What is fixed to a room's walls and ceiling: windows, doors, pictures, skirting, lamps."""

from collections.abc import Callable

import numpy as np

from mdetools.synthetic.raycast.colors import random_color
from mdetools.synthetic.raycast.primitives import Cylinder
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import ball, block, post
from mdetools.synthetic.raycast.textures import Bands, Blotches, Plain
from mdetools.synthetic.rooms.materials import Palette

__all__ = ["ceiling_fixtures", "wall_fixtures"]

# From a lying cylinder's axis (local z) to the wall's normal (y).
FACING_ROOM = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)


def wall_fixtures(rng: np.random.Generator, palette: Palette, length: float, height: float) -> list[Part]:
    """Fixtures of a wall in its frame: x along it in [-length/2, length/2], y = 0 on it and into the room, z up."""
    parts: list[Part] = []
    if rng.uniform() < 0.8:
        board = palette.white if rng.uniform() < 0.6 else palette.wood()
        skirting = block((-length / 2, length / 2), (0, 0.015), (0, rng.uniform(0.05, 0.12)), board)
        parts += named("wall", [skirting])
    free = -length / 2 + rng.uniform(0.15, 0.6)
    while free < length / 2 - 0.3:
        fixture, width = FIXTURES[rng.integers(len(FIXTURES))](rng, palette, height)
        if free + width > length / 2 - 0.1:
            break
        shift = np.array([free + width / 2, 0, 0], np.float32)
        parts += [part.moved(np.eye(3, dtype=np.float32), shift) for part in fixture]
        free += width + rng.exponential(0.7) + 0.15
    return parts


def _window(rng: np.random.Generator, palette: Palette, height: float) -> tuple[list[Part], float]:
    w, low, high = rng.uniform(0.7, 1.7), rng.uniform(0.75, 1.0), min(rng.uniform(1.9, 2.2), height - 0.15)
    sky, ground = random_color(rng, 0.57, (0.05, 0.4), (0.8, 0.95)), random_color(rng, 0.3, (0.1, 0.5), (0.4, 0.8))
    glow = 0.9 if rng.uniform() < 0.8 else 0.05
    pane = Blotches(rng.uniform(0.5, 1.2), (ground, sky, sky), rng.uniform(0, 200))
    x, edge = (-w / 2, w / 2), 0.05
    parts = [block(x, (0, 0.012), (low, high), pane, glow)]
    parts += [block((u - edge / 2, u + edge / 2), (0, 0.04), (low, high), palette.white) for u in (*x, 0)]
    parts += [
        block((x[0] - 0.06, x[1] + 0.06), (0, 0.04), (z - edge / 2, z + edge / 2), palette.white) for z in (low, high)
    ]
    parts.append(block((x[0] - 0.1, x[1] + 0.1), (0, 0.16), (low - 0.05, low - 0.02), palette.white))
    if rng.uniform() < 0.5:
        cloth = palette.cloth()
        for side in (-1, 1):
            inner, outer = sorted((side * (w / 2 - 0.12), side * (w / 2 + 0.2)))
            parts.append(block((inner, outer), (0.05, 0.12), (0.15, high + 0.12), cloth))
    if rng.uniform() < 0.5:
        ribs = Bands(0.05, 0.5, (0.8, 0.8, 0.78), (0.45, 0.45, 0.44))
        parts.append(block((x[0] + 0.1, x[1] - 0.1), (0.03, 0.12), (0.12, low - 0.12), ribs))
    return named("window", parts), w + 0.5


def _door(rng: np.random.Generator, palette: Palette, height: float) -> tuple[list[Part], float]:
    w, high, leaf = rng.uniform(0.75, 0.95), min(2.05, height - 0.1), palette.furniture()
    frame = palette.white if rng.uniform() < 0.6 else palette.wood()
    x = (-w / 2, w / 2)
    parts = [block(x, (0, 0.03), (0, high), leaf)]
    parts += [block((u - 0.05, u + 0.05), (0, 0.05), (0, high), frame) for u in x]
    parts.append(block((x[0] - 0.05, x[1] + 0.05), (0, 0.05), (high, high + 0.08), frame))
    for low, top in ((0.15, 0.85), (1.05, high - 0.15)):
        parts.append(block((x[0] + 0.15, x[1] - 0.15), (0, 0.042), (low, top), leaf))
    parts.append(ball(x[1] - 0.12, 0.07, 1.0, 0.028, palette.metal))
    return named("door", parts), w + 0.2


def _picture(rng: np.random.Generator, palette: Palette, height: float) -> tuple[list[Part], float]:
    w, h, z = rng.uniform(0.25, 1.1), rng.uniform(0.25, 0.8), rng.uniform(1.4, 1.6)
    frame = palette.furniture()
    edge = rng.uniform(0.02, 0.05)
    outer = block((-w / 2, w / 2), (0, 0.025), (z - h / 2, z + h / 2), frame)
    canvas = block((-w / 2 + edge, w / 2 - edge), (0, 0.028), (z - h / 2 + edge, z + h / 2 - edge), palette.painting())
    return named("picture", [outer, canvas]), w


def _board(rng: np.random.Generator, palette: Palette, height: float) -> tuple[list[Part], float]:
    w, z = rng.uniform(0.5, 1.2), rng.uniform(1.3, 1.7)
    parts = named("cabinet", [block((-w / 2, w / 2), (0, 0.22), (z - 0.025, z), palette.wood())])
    end = rng.uniform(-0.1, w / 2 - 0.05)
    books = block((-w / 2 + 0.03, end), (0.02, 0.18), (z, z + rng.uniform(0.18, 0.28)), palette.books())
    return parts + named("object", [books]), w


def _clock(rng: np.random.Generator, palette: Palette, height: float) -> tuple[list[Part], float]:
    radius, z = rng.uniform(0.12, 0.2), rng.uniform(1.6, 1.9)
    rim = Part(Cylinder(FACING_ROOM, np.array([0, 0.02, z], np.float32), radius, 0.02), palette.black)
    face = Part(Cylinder(FACING_ROOM, np.array([0, 0.022, z], np.float32), radius * 0.88, 0.022), palette.white)
    return named("object", [rim, face]), 2 * radius


Fixture = Callable[[np.random.Generator, Palette, float], tuple[list[Part], float]]
FIXTURES: tuple[Fixture, ...] = (_window, _window, _door, _picture, _picture, _picture, _board, _clock)


def ceiling_fixtures(rng: np.random.Generator, palette: Palette, size: tuple) -> tuple[list[Part], list[np.ndarray]]:
    """Lamps, and now and then beams, of a room of that (width, length, height).

    Returns:
        The parts, and where the light comes from: (3,) float32 each.
    """
    width, length, height = size
    count = 1 if width * length < 22 or rng.uniform() < 0.4 else 2
    parts, lamps = [], []
    glass = Plain(random_color(rng, 0.12, (0.0, 0.15), (0.9, 0.97)))
    pendant = rng.uniform() < 0.5
    for index in range(count):
        x, y = width * rng.uniform(0.35, 0.65), length * ((index + 0.5) / count + rng.uniform(-0.1, 0.1))
        drop, radius = (rng.uniform(0.35, 0.6), rng.uniform(0.1, 0.2)) if pendant else (0.08, rng.uniform(0.15, 0.3))
        z = height - drop
        if pendant:
            parts.append(post(x, y, (z, height), 0.008, palette.black))
            parts.append(ball(x, y, z, radius, glass, 2.0))
        else:
            parts.append(post(x, y, (z, height), radius, glass, 2.0))
        lamps.append(np.array([x, y, z - 0.1], np.float32))
    parts = named("lamp", parts)
    if rng.uniform() < 0.12:
        wood = palette.wood()
        for y in np.arange(0.6, length, 1.2):
            beam = block((0, width), (y - 0.07, y + 0.07), (height - 0.16, height), wood)
            parts += named("ceiling", [beam])
    return parts, lamps
