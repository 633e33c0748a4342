"""Houses and what closes a plot off: in their own frame x runs along the street, y = 0 is the front, y grows away."""

import numpy as np

from mdetools.synthetic.raycast.colors import random_color
from mdetools.synthetic.raycast.polyhedra import ConvexPolyhedron
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import IDENTITY, block, place_at
from mdetools.synthetic.raycast.textures import Bands, Plain, Texture
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.textures import Stained

__all__ = ["boundary", "house"]


def house(
    rng: np.random.Generator, palette: StreetPalette, storeys: int, max_width: float
) -> tuple[list[Part], tuple[float, float]]:
    """A house of so many storeys, with a flat roof or a gable.

    Returns:
        Its parts, and its (width, depth), metres.
    """
    bay, storey = rng.uniform(2.2, 3.6), rng.uniform(2.8, 3.6)
    bays = int(rng.integers(3, max(int(max_width / bay), 3) + 1))
    deep = bays + 2 * int(rng.integers(-1, 2)) if bays > 3 else bays
    width, depth, height = bays * bay, deep * bay, storeys * storey + rng.uniform(0.2, 0.6)
    wall = palette.facade(height / 2, (bay, storey), bays % 2 == 1)
    parts = [block((-width / 2, width / 2), (0, depth), (0, height), wall)]
    if rng.uniform() < 0.6:
        along = bool(rng.uniform() < 0.6)
        rise = (depth if along else width) / 2 * rng.uniform(0.5, 1.0)
        parts.append(_gable(width + 0.5, depth + 0.5, depth / 2, height, rise, along, palette.roof()))
    else:
        trim = Stained(Plain(random_color(rng, saturation=(0, 0.2), value=(0.4, 0.8))), ((0.5, 0.2, 0.3),))
        parts.append(block((-width / 2 - 0.2, width / 2 + 0.2), (-0.25, depth + 0.2), (height, height + 0.4), trim))
    parts += _relief(rng, palette, bays, bay, storeys, storey)
    return named("building", parts), (width, depth)


def _gable(width: float, depth: float, y: float, z: float, rise: float, along: bool, texture: Texture) -> Part:
    """A roof with its ridge along the street, or across it; its base is centred on (0, y, z)."""
    half = (depth if along else width) / 2
    slope = np.array([rise, half]) / np.hypot(rise, half)
    run, side = (1, 0) if along else (0, 1)  # axes of the slopes' fall and of the ridge
    normals = np.zeros((5, 3), np.float32)
    normals[0, [run, 2]] = slope
    normals[1, [run, 2]] = slope * (-1, 1)
    normals[2, side], normals[3, side], normals[4, 2] = 1, -1, -1
    end = (width if along else depth) / 2
    offsets = np.array([slope[0] * half, slope[0] * half, end, end, 0], np.float32)
    radius = float(np.sqrt(half**2 + end**2 + rise**2))
    return Part(ConvexPolyhedron(IDENTITY, place_at(0, y, z), normals, offsets, radius), texture)


def _relief(
    rng: np.random.Generator, palette: StreetPalette, bays: int, bay: float, storeys: int, storey: float
) -> list[Part]:
    """What stands out from a facade: a porch or an awning, balconies."""
    parts = []
    x = (int(rng.integers(bays)) - (bays - 1) / 2) * bay
    if rng.uniform() < 0.4:
        cloth = Stained(Bands(0.4, 0.5, palette.paint(), (0.8, 0.8, 0.78)), ((0.3, 0.3, 0.2),))
        parts.append(block((x - bay / 2, x + bay / 2), (-1.2, 0), (2.45, 2.6), cloth))
    if rng.uniform() < 0.4 and storeys > 1:
        rail = Stained(Plain(random_color(rng, saturation=(0, 0.3), value=(0.3, 0.9))), ((0.15, 0.3, 0.4),))
        for level in range(1, storeys):
            parts.append(block((x - bay * 0.45, x + bay * 0.45), (-1.1, 0), (level * storey, level * storey + 1), rail))
    return parts


def boundary(rng: np.random.Generator, palette: StreetPalette, length: float) -> list[Part]:
    """A hedge, wall or fence along x, from -length / 2 to length / 2."""
    kind, height = rng.uniform(), rng.uniform(0.8, 2.0)
    if kind < 0.45:
        semantic, texture, thickness = "vegetation", palette.leaves(), rng.uniform(0.5, 1.0)
    elif kind < 0.75:
        semantic, texture, thickness = "wall", palette.masonry(), 0.25
    else:
        wood = random_color(rng, rng.uniform(0.05, 0.12), (0.1, 0.5), (0.35, 0.7))
        dark = tuple(channel * 0.35 for channel in wood)
        semantic, thickness = "fence", 0.08
        texture = Stained(Bands(0.17, 0.82, wood, dark), ((0.17, 1.0, 0.4), (0.05, 0.2, 0.2)))
    return named(semantic, [block((-length / 2, length / 2), (0, thickness), (0, height), texture)])
