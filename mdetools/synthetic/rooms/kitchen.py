"""How a kitchen is furnished: counters of one make from corner to corner along its walls, and a table with chairs."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import block, post
from mdetools.synthetic.raycast.textures import Texture
from mdetools.synthetic.rooms.materials import Palette
from mdetools.synthetic.rooms.pieces import Piece, clutter
from mdetools.synthetic.rooms.placing import Footprint, place, wall_frame, wall_length
from mdetools.synthetic.rooms.small_furniture import chair, table

__all__ = ["furnish_kitchen"]

DEPTH = 0.6  # of a counter, metres
GAP = 0.004  # beside a door
TRIES = 8  # to find a place for a table


@dataclass(frozen=True, eq=False)
class Make:
    """What the counters of one kitchen have in common; lengths in metres."""

    height: float
    door: float
    front: Texture
    top: Texture
    plinth: Texture
    handle: Texture
    has_bars: bool
    upper: float  # share of the length that has cupboards on the wall


def furnish_kitchen(rng: np.random.Generator, palette: Palette, size: tuple) -> tuple[list[Footprint], list[Part]]:
    """Furnishes a room of that (width, length, height), as `room.furnish` does other rooms."""
    footprints: list[Footprint] = []
    parts: list[Part] = []
    make = Make(
        height=rng.uniform(0.86, 0.94),
        door=rng.uniform(0.4, 0.7),
        front=palette.furniture(),
        top=palette.black if rng.uniform() < 0.3 else palette.furniture(),
        plinth=palette.black if rng.uniform() < 0.5 else palette.metal,
        handle=palette.metal,
        has_bars=rng.uniform() < 0.6,
        upper=rng.uniform() if rng.uniform() < 0.6 else 0.0,
    )
    first, count = int(rng.integers(4)), int(rng.integers(1, 4))
    for step in range(count):
        wall = (first + step) % 4
        # The first run reaches into the corner where the next begins; that one stops short of it, and so on.
        low = DEPTH + 0.04 if step else rng.uniform(0.02, 0.6)
        high = wall_length(size, wall) - (rng.uniform(0.02, 1.2) if step == count - 1 else 0.02)
        if high - low > make.door:
            rotation, foot = wall_frame(size, wall)
            middle = foot + rotation[:, 0] * ((low + high - wall_length(size, wall)) / 2) + rotation[:, 1] * 0.02
            parts += place(_run(rng, palette, make, high - low), rotation, middle, size, footprints)
    for _ in range(int(rng.integers(1, 3))):
        parts += _table_with_chairs(rng, palette, size, footprints)
    return footprints, parts


def _run(rng: np.random.Generator, palette: Palette, make: Make, length: float) -> Piece:
    """One row of counters, things on it, and the cupboards above."""
    x, height = (-length / 2, length / 2), make.height
    parts = [
        block(x, (0, DEPTH - 0.06), (0, 0.1), make.plinth),
        block(x, (0, DEPTH - 0.03), (0.1, height - 0.04), palette.white),
        block(x, (0, DEPTH), (height - 0.04, height), make.top),
    ]
    doors = max(1, round(length / make.door))
    for edge in np.linspace(*x, doors + 1)[:-1]:
        sides = (edge + GAP, edge + length / doors - GAP)
        parts.append(block(sides, (DEPTH - 0.03, DEPTH - 0.01), (0.11, height - 0.05), make.front))
        middle, top = sum(sides) / 2, height - 0.1
        if make.has_bars:
            parts.append(
                block((middle - 0.1, middle + 0.1), (DEPTH - 0.01, DEPTH + 0.02), (top, top + 0.015), make.handle)
            )
        if rng.uniform() < make.upper:
            parts.append(block(sides, (0, 0.34), (1.45, 2.1), make.front))
    if rng.uniform() < 0.5:
        spout = rng.uniform(*x) * 0.8
        parts.append(post(spout, 0.1, (height, height + rng.uniform(0.2, 0.35)), 0.015, make.handle))
        parts.append(block((spout - 0.25, spout + 0.25), (0.15, 0.5), (height, height + 0.004), make.handle))
    count = int(rng.integers(2, 4 + 4 * length))
    parts += clutter(rng, palette, (x[0] + 0.15, x[1] - 0.15), (0.12, 0.45), height, count)
    return Piece(named("cabinet", parts), (length, DEPTH, 2.1 if make.upper else height))


def _table_with_chairs(
    rng: np.random.Generator, palette: Palette, size: tuple, footprints: list[Footprint]
) -> list[Part]:
    """A table somewhere, and chairs about it, where there is room."""
    piece, yaw = table(rng, palette), rng.integers(4) * np.pi / 2 + rng.normal(0, 0.1)
    for _ in range(TRIES):
        spot = np.array([*rng.uniform((0, 0), size[:2]), 0], np.float32)
        parts = place(piece, rotation_z(yaw), spot, size, footprints)
        if parts:
            break
    else:
        return []
    seat, (x0, y0, x1, y1, _) = chair(rng, palette), footprints[-1]
    for _ in range(int(rng.integers(2, 8))):
        around = rng.uniform(0, 2 * np.pi)
        reach = np.array([x1 - x0, y1 - y0]) / 2 + rng.uniform(0.5, 0.9)
        at = np.array([(x0 + x1) / 2, (y0 + y1) / 2]) + reach * (np.cos(around), np.sin(around))
        turn = rotation_z(around + np.pi / 2 + rng.normal(0, 0.3))  # its back away from the table
        parts += place(seat, turn, np.array([*at, 0], np.float32), size, footprints)
    return parts
