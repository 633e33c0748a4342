"""Cars, vans and people: in their own frame x points forward, y to the left, z = 0 is the road."""

import numpy as np

from mdetools.synthetic.raycast.colors import random_color
from mdetools.synthetic.raycast.polyhedra import ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import Cylinder
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import IDENTITY, ball, block, place_at, post
from mdetools.synthetic.raycast.textures import Plain, Texture
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.textures import Disc, Stained, VehicleEnd

__all__ = ["FRONT", "REAR", "car", "person", "van"]

REAR = 0  # indices of the ends along x
FRONT = 1

ACROSS = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)  # an axle: from the cylinder's axis, z, to y
RED, WHITE, TYRE = (0.45, 0.02, 0.02), (0.8, 0.8, 0.75), (0.02, 0.02, 0.022)


def car(rng: np.random.Generator, palette: StreetPalette, end: int) -> tuple[list[Part], list[Part], float]:
    """A hatchback, saloon or estate.

    Args:
        rng: source of all that is drawn.
        palette: of the street.
        end: which end is to be seen: `REAR` or `FRONT`.

    Returns:
        Its large parts, its small parts, and its width in metres.
    """
    length, width, height = rng.uniform(3.7, 4.8), rng.uniform(1.65, 1.85), rng.uniform(1.38, 1.65)
    waist, bonnet = height * rng.uniform(0.58, 0.64), rng.uniform(0.2, 0.28) * length
    boot = rng.uniform(0.02, 0.2) * length
    x, y, paint = (-length / 2, length / 2), (-width / 2, width / 2), palette.car_paint()
    cabin = (x[0] + boot, x[1] - bonnet)
    parts = [
        block(x, y, (0.24, waist), paint),
        _cabin(cabin, width / 2 - 0.05, waist - 0.02, height - 0.02, palette.glass),
    ]
    roof = block((cabin[0] + 0.42, cabin[1] - 0.62), (y[0] + 0.22, y[1] - 0.22), (height - 0.06, height), paint)
    axles = _axles(x, width, rng.uniform(0.29, 0.34))
    details = [roof, *axles, _end(x[end], y, (0.2, waist - 0.04), paint, end)]
    return named("car", parts), named("car", details), width


def van(rng: np.random.Generator, palette: StreetPalette, end: int) -> tuple[list[Part], list[Part], float]:
    """A delivery van or lorry; see `car`."""
    length, width, height = rng.uniform(5.0, 8.5), rng.uniform(1.95, 2.4), rng.uniform(2.3, 3.4)
    x, y, cab = (-length / 2, length / 2), (-width / 2, width / 2), min(height - 0.2, 2.4)
    paint = Stained(
        Plain(random_color(rng, saturation=(0, 0.5), value=(0.5, 0.92))), ((0.8, 0.4, 0.2), (0.2, 0.2, 0.2))
    )
    parts = [
        block((x[0], x[1] - 1.6), y, (0.45, height), paint),
        block((x[1] - 1.55, x[1]), (y[0] + 0.08, y[1] - 0.08), (0.35, cab * 0.62), palette.car_paint()),
        _cabin((x[1] - 1.55, x[1] - 0.05), width / 2 - 0.1, cab * 0.62 - 0.02, cab, palette.glass),
    ]
    details = [*_axles(x, width, 0.38), _end(x[end], y, (0.35, 1.25), paint, end)]
    return named("truck", parts), named("truck", details), width


def _cabin(x: tuple, half_width: float, low: float, high: float, glass: Texture) -> Part:
    """A truncated wedge of glass: steep behind, slanted in front, leaning in at the sides."""
    centre, half, rise = sum(x) / 2, (x[1] - x[0]) / 2, high - low
    normals, offsets = [(0, 0, 1), (0, 0, -1)], [rise, 0]
    for axis, sign, reach, lean in (
        (0, 1, half, 0.6),
        (0, -1, half, 0.4),
        (1, 1, half_width, 0.2),
        (1, -1, half_width, 0.2),
    ):
        normal = np.zeros(3)
        normal[axis], normal[2] = sign * rise, lean
        normal /= np.linalg.norm(normal)
        normals.append(normal)
        offsets.append(abs(normal[axis]) * reach)
    radius = float(np.sqrt(half**2 + half_width**2 + rise**2))
    shape = ConvexPolyhedron(
        IDENTITY, place_at(centre, 0, low), np.array(normals, np.float32), np.array(offsets, np.float32), radius
    )
    return Part(shape, glass)


def _axles(x: tuple, width: float, radius: float) -> list[Part]:
    """Two cylinders across the car, which look like four wheels."""
    rim = Disc(((radius * 0.2, (0.1, 0.1, 0.1)), (radius * 0.62, (0.4, 0.4, 0.42)), (radius, TYRE)))
    places = (x[0] + 0.78, x[1] - 0.82)
    return [Part(Cylinder(ACROSS, place_at(at, 0, radius), radius, width / 2 + 0.015), rim) for at in places]


def _end(x: float, y: tuple, z: tuple, paint: Texture, end: int) -> Part:
    """Lamps, number plate and bumper, on a thin slab."""
    half = ((y[1] - y[0]) / 2, (z[1] - z[0]) / 2)
    texture = VehicleEnd(paint, half, WHITE if end == FRONT else RED)
    return block((x - 0.03, x + 0.03), (y[0] + 0.03, y[1] - 0.03), z, texture)


def person(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """Someone who walks, or stands."""
    height, step = rng.uniform(1.55, 1.9), rng.uniform(0.0, 0.22)
    trousers, coat = palette.cloth(), palette.cloth()
    skin = Plain(random_color(rng, rng.uniform(0.04, 0.08), (0.25, 0.6), (0.3, 0.85)))
    hip, neck = 0.48 * height, 0.83 * height
    parts = [post(side * step, side * 0.1, (0, hip + 0.05), 0.085, trousers) for side in (-1, 1)]
    parts.append(post(0, 0, (hip, neck), 0.19, coat))
    parts += [post(-side * step * 0.7, side * 0.25, (hip, neck - 0.04), 0.055, coat) for side in (-1, 1)]
    parts.append(ball(0, 0, height - 0.12, 0.125, skin))
    return named("person", parts)
