"""Trees, lamp posts, signs, bins, guard rails: in their own frame x points along the street, z = 0 is the ground."""

import numpy as np

from mdetools.synthetic.raycast.polyhedra import ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import Cylinder
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named
from mdetools.synthetic.raycast.solids import IDENTITY, ball, block, place_at, post
from mdetools.synthetic.raycast.textures import Bands, Blotches, Plain
from mdetools.synthetic.streets.materials import StreetPalette
from mdetools.synthetic.streets.textures import Disc, Stained

__all__ = ["bush", "conifer", "guard_rail", "lamp_post", "roadside", "sign", "tree"]

FACING_BACK = np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]], np.float32)  # from a cylinder's axis, z, to -x
WHITE, RED, BLUE = (0.8, 0.8, 0.78), (0.5, 0.03, 0.03), (0.03, 0.1, 0.45)


def tree(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """A trunk and a crown of several balls."""
    height, spread, leaves = rng.uniform(4.5, 11), rng.uniform(1.1, 2.4), palette.leaves()
    trunk = max(height - 2 * spread, 1.8)
    parts = [post(0, 0, (0, trunk + spread * 0.6), rng.uniform(0.1, 0.28), palette.bark())]
    for _ in range(int(rng.integers(3, 6))):
        x, y = rng.normal(0, 0.45 * spread, 2)
        parts.append(ball(x, y, trunk + spread * rng.uniform(0.5, 1.4), spread * rng.uniform(0.55, 0.9), leaves))
    return named("vegetation", parts)


def conifer(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """A trunk below two cones with few sides."""
    height, radius, leaves = rng.uniform(5, 12), rng.uniform(1.1, 2.2), palette.leaves()
    parts = [post(0, 0, (0, height * 0.3), 0.15, palette.bark())]
    for low, share in ((0.12, 1.0), (0.45, 0.68)):
        parts.append(Part(_cone(height * low, height * (0.75 + 0.25 * (share < 1)), radius * share, rng), leaves))
    return named("vegetation", parts)


def _cone(low: float, high: float, radius: float, rng: np.random.Generator) -> ConvexPolyhedron:
    """A pyramid of nine sides."""
    angle = np.arange(9) * 2 * np.pi / 9 + rng.uniform()
    slope = np.array([high - low, radius]) / np.hypot(high - low, radius)
    sides = np.stack([slope[0] * np.cos(angle), slope[0] * np.sin(angle), np.full(9, slope[1])], axis=1)
    normals = np.concatenate([sides, [[0, 0, -1]]]).astype(np.float32)
    offsets = np.array([slope[0] * radius] * 9 + [0], np.float32)
    reach = float(np.hypot(high - low, radius / np.cos(np.pi / 9)))
    return ConvexPolyhedron(IDENTITY, place_at(0, 0, low), normals, offsets, reach)


def bush(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """Two or three balls of leaves on the ground."""
    leaves, size = palette.leaves(), rng.uniform(0.4, 1.0)
    parts = [ball(*rng.normal(0, 0.6 * size, 2), size * 0.4, size * rng.uniform(0.6, 1), leaves) for _ in range(3)]
    return named("vegetation", parts)


def lamp_post(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """A mast with an arm over the road, which lies in the direction of -y."""
    height, reach = rng.uniform(5, 9), rng.uniform(0.8, 2)
    parts = [
        post(0, 0, (0, height), rng.uniform(0.06, 0.11), palette.metal),
        block((-0.05, 0.05), (-reach, 0), (height - 0.1, height), palette.metal),
        block((-0.12, 0.12), (-reach - 0.5, -reach), (height - 0.16, height), palette.dark),
    ]
    return named("pole", parts)


def sign(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """A round or square traffic sign that faces against x."""
    height, size = rng.uniform(2.0, 2.7), rng.uniform(0.28, 0.42)
    mast = named("pole", [post(0.04, 0, (0, height + size), 0.04, palette.metal)])
    if rng.uniform() < 0.6:
        middle, rim = (WHITE, RED) if rng.uniform() < 0.7 else (BLUE, WHITE)
        rings = ((size * 0.25, palette.paint()), (size * 0.72, middle), (size, rim))
        disc = Part(Cylinder(FACING_BACK, place_at(0, 0, height), size, 0.02), Disc(rings))
        return [*mast, *named("traffic sign", [disc])]
    board = Blotches(0.25, (WHITE, palette.paint(), WHITE), rng.uniform(0, 200))
    half = size * rng.uniform(0.8, 2.2)
    plate = block((-0.02, 0.02), (-half, half), (height - size, height + size), board)
    return [*mast, *named("traffic sign", [plate])]


def roadside(rng: np.random.Generator, palette: StreetPalette) -> list[Part]:
    """Something small at the kerb: a bin, a switch box (neither of any class), a bollard."""
    kind = int(rng.integers(3))
    coat = Stained(Plain(palette.paint()), ((0.2, 0.25, 0.4), (0.07, 0.07, 0.25)))
    if kind == 0:
        return [
            block((-0.3, 0.3), (-0.3, 0.3), (0.05, 1.05), coat),
            block((-0.34, 0.34), (-0.33, 0.33), (1.05, 1.12), coat),
        ]
    if kind == 1:
        half = rng.uniform(0.3, 0.7)
        return [block((-half, half), (-0.2, 0.2), (0, rng.uniform(1.0, 1.6)), palette.metal)]
    return named("pole", [post(0, 0, (0, 1.0), 0.08, Bands(0.5, 0.5, RED, WHITE, horizontal=True))])


def guard_rail(rng: np.random.Generator, palette: StreetPalette, length: float) -> list[Part]:
    """A rail along x on posts."""
    parts = [block((-length / 2, length / 2), (0, 0.06), (0.45, 0.75), palette.metal)]
    for x in np.arange(-length / 2 + 1, length / 2, 4.0):
        parts.append(block((x - 0.06, x + 0.06), (0.06, 0.18), (0, 0.7), palette.metal))
    return named("fence", parts)
