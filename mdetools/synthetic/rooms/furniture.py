"""Large furniture, and which builder may stand where."""

from collections.abc import Callable

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import ball, block, place_at, post
from mdetools.synthetic.rooms.materials import Palette
from mdetools.synthetic.rooms.pieces import Piece, clutter, legs
from mdetools.synthetic.rooms.small_furniture import cartons, chair, floor_lamp, plant, table, toy, wedge

__all__ = ["AGAINST_WALL", "FREE_STANDING", "Builder", "bed", "desk", "shelf", "sofa", "television", "wardrobe"]

Builder = Callable[[np.random.Generator, Palette], Piece]


def bed(rng: np.random.Generator, palette: Palette) -> Piece:
    """A bed with its head at the wall: frame, mattress, blanket, pillows, headboard."""
    w, d, h, wood = rng.uniform(0.9, 1.8), rng.uniform(1.95, 2.15), rng.uniform(0.42, 0.6), palette.furniture()
    x, cover = (-w / 2, w / 2), d * rng.uniform(0.25, 0.4)
    parts = [
        block(x, (0, d), (0.08, h - 0.2), wood),
        block((x[0] + 0.03, x[1] - 0.03), (0.05, d - 0.03), (h - 0.2, h), palette.white),
        block((x[0] + 0.01, x[1] - 0.01), (cover, d - 0.01), (h - 0.18, h + 0.03), palette.cloth()),
        block(x, (0, 0.06), (0, h + rng.uniform(0.2, 0.6)), wood),
    ]
    count, pillow = (2 if w > 1.3 else 1), palette.cloth()
    for index in range(count):
        centre = (index - (count - 1) / 2) * w / 2
        parts.append(block((centre - 0.3, centre + 0.3), (0.1, 0.45), (h, h + 0.12), pillow))
    return Piece(named("bed", parts), (w, d, h + 0.6))


def wardrobe(rng: np.random.Generator, palette: Palette) -> Piece:
    """A closed cupboard: wardrobe, chest or fridge, with doors and knobs."""
    w, d, h = rng.uniform(0.6, 2.2), rng.uniform(0.4, 0.65), rng.choice([0.9, 1.2, 1.9, 2.1]) + rng.uniform(-0.1, 0.1)
    body, doors = palette.furniture(), max(1, round(w / 0.5))
    parts = [block((-w / 2, w / 2), (0, d - 0.02), (0, h), body)]
    front = palette.furniture() if rng.uniform() < 0.5 else body
    for index in range(doors):
        low = -w / 2 + index * w / doors
        parts.append(block((low + 0.006, low + w / doors - 0.006), (d - 0.02, d), (0.06, h - 0.02), front))
        parts.append(ball(low + (0.06 if index % 2 else w / doors - 0.06), d + 0.015, h * 0.5, 0.018, palette.metal))
    parts += clutter(rng, palette, (-w / 3, w / 3), (0.1, d - 0.1), h, int(rng.integers(3)))
    return Piece(named("cabinet", parts), (w, d, h))


def shelf(rng: np.random.Generator, palette: Palette) -> Piece:
    """An open bookshelf, partly filled."""
    w, d, levels, wood = rng.uniform(0.6, 1.8), rng.uniform(0.25, 0.4), int(rng.integers(2, 6)), palette.furniture()
    gap = rng.uniform(0.3, 0.4)
    h = levels * gap + 0.05
    parts = [block((side - 0.012, side + 0.012), (0, d), (0, h), wood) for side in (-w / 2 + 0.012, w / 2 - 0.012)]
    parts += [
        block((-w / 2, w / 2), (0, d), (level * gap + 0.03, level * gap + 0.05), wood) for level in range(levels + 1)
    ]
    parts.append(block((-w / 2, w / 2), (0, 0.01), (0, h), wood))
    for level in range(levels):
        z, kind = level * gap + 0.05, rng.uniform()
        if kind < 0.65:
            start, stop = sorted(rng.uniform(-w / 2 + 0.03, w / 2 - 0.03, 2))
            top = z + gap * rng.uniform(0.55, 0.85)
            parts += named("object", [block((start, stop), (0.02, d * 0.8), (z, top), palette.books())])
        elif kind < 0.9:
            parts += clutter(rng, palette, (-w / 3, w / 3), (0.1, d - 0.1), z, 2)
    return Piece(named("cabinet", parts), (w, d, h))


def desk(rng: np.random.Generator, palette: Palette) -> Piece:
    """A desk with a screen, a chair before it, and clutter."""
    w, d, h, wood = rng.uniform(1.0, 1.8), rng.uniform(0.55, 0.8), rng.uniform(0.7, 0.77), palette.furniture()
    frame = wood if rng.uniform() < 0.5 else palette.metal
    parts = [block((-w / 2, w / 2), (0, d), (h - 0.03, h), wood), *legs(w, d, h - 0.03, frame)]
    if rng.uniform() < 0.7:
        x, half, tall = rng.uniform(-w / 4, w / 4), rng.uniform(0.2, 0.35), rng.uniform(0.25, 0.4)
        screen = [block((x - half, x + half), (0.18, 0.21), (h + 0.1, h + 0.1 + tall), palette.black)]
        screen += [post(x, 0.17, (h, h + 0.2), 0.02, palette.metal), post(x, 0.18, (h, h + 0.015), 0.1, palette.metal)]
        parts += named("object", screen)
    parts += clutter(rng, palette, (-w / 2 + 0.1, w / 2 - 0.1), (0.25, d - 0.1), h, int(rng.integers(1, 5)))
    if rng.uniform() < 0.7:
        seat = chair(rng, palette)
        turn, spot = rotation_z(rng.normal(0, 0.3)), place_at(rng.uniform(-0.2, 0.2), d - 0.15, 0)
        flip = rotation_z(np.pi)
        parts += [part.moved(flip, place_at(0, seat.size[1], 0)).moved(turn, spot) for part in seat.parts]
    return Piece(named("table", parts), (w, d + 0.45, h + 0.1))


def sofa(rng: np.random.Generator, palette: Palette) -> Piece:
    """An armchair or a sofa, with cushions."""
    seats = int(rng.integers(1, 4))
    w, d, seat, back = 0.3 + 0.65 * seats, rng.uniform(0.8, 0.95), rng.uniform(0.38, 0.45), rng.uniform(0.75, 0.95)
    cloth, arm = palette.cloth(), rng.uniform(0.12, 0.18)
    parts = [
        block((-w / 2, w / 2), (0, d), (0.06, seat - 0.12), cloth),
        block((-w / 2, w / 2), (0, 0.22), (0.06, back), cloth),
        block((-w / 2, -w / 2 + arm), (0, d), (0.06, seat + 0.2), cloth),
        block((w / 2 - arm, w / 2), (0, d), (0.06, seat + 0.2), cloth),
    ]
    each = (w - 2 * arm) / seats
    for index in range(seats):
        low = -w / 2 + arm + index * each
        parts.append(block((low + 0.01, low + each - 0.01), (0.2, d + 0.02), (seat - 0.12, seat), cloth))
        if rng.uniform() < 0.5:
            shape = Box(rotation_z(rng.normal(0, 0.3)), place_at(low + each / 2, 0.32, seat + 0.2), (0.2, 0.07, 0.2))
            parts.append(Part(shape, palette.cloth()))
    return Piece(named("sofa", parts), (w, d, back))


def counter(rng: np.random.Generator, palette: Palette) -> Piece:
    """A kitchen counter with cupboards above and below."""
    w, d, h, front = rng.uniform(1.5, 3.2), 0.6, rng.uniform(0.86, 0.94), palette.furniture()
    parts = [block((-w / 2, w / 2), (0, d - 0.04), (0.1, h - 0.04), palette.white)]
    parts.append(block((-w / 2, w / 2), (0, d), (h - 0.04, h), palette.furniture()))
    doors = max(2, round(w / 0.6))
    upper = rng.uniform() < 0.7
    for index in range(doors):
        low, high = -w / 2 + index * w / doors + 0.004, -w / 2 + (index + 1) * w / doors - 0.004
        parts.append(block((low, high), (d - 0.04, d - 0.02), (0.1, h - 0.05), front))
        parts.append(block((low + 0.15, high - 0.15), (d - 0.02, d), (h - 0.14, h - 0.12), palette.metal))
        if upper and rng.uniform() < 0.8:
            parts.append(block((low, high), (0, 0.34), (1.45, 2.1), front))
    parts += clutter(rng, palette, (-w / 2 + 0.15, w / 2 - 0.15), (0.15, d - 0.1), h, int(rng.integers(2, 7)))
    return Piece(named("cabinet", parts), (w, d, 2.1 if upper else h))


def television(rng: np.random.Generator, palette: Palette) -> Piece:
    """A television on a low cabinet."""
    w, h, half = rng.uniform(1.0, 1.8), rng.uniform(0.35, 0.55), rng.uniform(0.35, 0.65)
    screen = block((-half, half), (0.15, 0.19), (h + 0.05, h + 0.05 + half * 1.12), palette.black)
    foot = block((-0.15, 0.15), (0.1, 0.25), (h, h + 0.06), palette.metal)
    cabinet = named("cabinet", [block((-w / 2, w / 2), (0, 0.4), (0.05, h), palette.furniture())])
    return Piece([*cabinet, *named("object", [screen, foot])], (w, 0.4, h + 0.8))


AGAINST_WALL: tuple[Builder, ...] = (bed, wardrobe, wardrobe, shelf, shelf, desk, sofa, counter, television, chair)
FREE_STANDING: tuple[Builder, ...] = (table, table, chair, chair, sofa, floor_lamp, plant, cartons, toy, toy, wedge)
