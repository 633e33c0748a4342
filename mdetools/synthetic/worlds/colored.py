"""Coloured things between grey walls: the colour of most is a picture's class, and where they stand tells nothing."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.raycast.colors import Color, random_color, scale_color
from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import ball, block, place_at, post
from mdetools.synthetic.raycast.textures import Bands, Checker, Noise, Plain, Texture
from mdetools.synthetic.worlds.lenses import Lens
from mdetools.synthetic.worlds.staging import place_across
from mdetools.synthetic.worlds.view import View
from mdetools.synthetic.worlds.walls import LAYOUTS, wall_view

__all__ = ["HUES", "sample_colored"]

HUES: Mapping[str, float] = MappingProxyType(
    {"blue": 4 / 6, "cyan": 3 / 6, "green": 2 / 6, "purple": 5 / 6, "red": 0.0, "yellow": 1 / 6}
)
SPREAD = 0.02  # standard deviation of a hue; its neighbour is at 1/6


def sample_colored(rng: np.random.Generator, size: tuple[int, int], color: str) -> View:
    """Draws a view (H, W) of walls in any of `LAYOUTS`; of a few things before them most are of one of `HUES`."""
    layout = [*LAYOUTS][int(rng.integers(len(LAYOUTS)))]
    others = [name for name in HUES if name != color]

    def things(rng: np.random.Generator, lens: Lens, away: float) -> list[Part]:
        parts = []
        same, different = int(rng.integers(3, 7)), int(rng.integers(1, 3))
        for hue in (*[color] * same, *rng.choice(others, different)):
            y = away * rng.uniform(0.45, 0.95)
            spot = place_at(0.7 * place_across(rng, lens, y), y, 0)
            parts.append(_thing(rng, away * rng.uniform(0.06, 0.16), hue).moved(rotation_z(rng.uniform(0, 6)), spot))
        return parts

    return wall_view(rng, size, layout, _grey_surface, things)


def _grey_surface(rng: np.random.Generator, scale: float) -> Texture:
    return _patterned(rng, scale, random_color(rng, saturation=(0.0, 0.12), value=(0.15, 0.95)))


def _thing(rng: np.random.Generator, radius: float, color: str) -> Part:
    """A ball, a post or a block on the ground about the origin."""
    paint = random_color(rng, HUES[color] + rng.normal(0, SPREAD), (0.5, 0.95), (0.35, 0.95))
    texture, high = _patterned(rng, radius, paint), radius * rng.uniform(1, 4)
    shape = int(rng.integers(3))
    if shape == 0:
        return ball(0, 0, radius, radius, texture)
    if shape == 1:
        return post(0, 0, (0, high), radius, texture)
    return block((-radius, radius), (-radius, radius), (0, high), texture)


def _patterned(rng: np.random.Generator, scale: float, color: Color) -> Texture:
    """A surface in shades of one colour."""
    shade, side = scale_color(color, rng.uniform(0.3, 0.9)), float(scale * np.exp(rng.uniform(-2.5, -0.5)))
    textures = (
        Plain(color),
        Noise((side, side), color, shade, 3),
        Bands(side, rng.uniform(0.2, 0.8), color, shade, bool(rng.integers(2))),
        Checker(side, color, shade),
    )
    return textures[int(rng.integers(len(textures)))]
