"""Colours and materials out of doors."""

import numpy as np

from mdetools.synthetic.raycast.colors import Color, random_color, scale_color
from mdetools.synthetic.raycast.textures import Noise, Plain, Texture, Tiles
from mdetools.synthetic.streets.textures import Facade, Stained

__all__ = ["StreetPalette"]


class StreetPalette:
    """What the things of one street are made of; all of it is drawn from one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.metal = Stained(Plain(random_color(rng, saturation=(0, 0.1), value=(0.35, 0.6))), ((0.3, 0.4, 0.3),))
        self.dark = Plain(random_color(rng, saturation=(0, 0.15), value=(0.1, 0.2)))
        self.glass = Stained(Plain(random_color(rng, 0.58, (0.1, 0.3), (0.15, 0.3))), ((0.6, 0.3, 0.8),))
        self.foliage_hue = rng.uniform(0.2, 0.33)

    def asphalt(self) -> Texture:
        """Grey, patched, with tracks along the road."""
        rng = self.rng
        face = Plain(random_color(rng, rng.uniform(0.05, 0.65), (0, 0.08), (0.36, 0.58)))
        layers = ((0.3, 0.04, 0.4), (0.45, 0.2, 0.25), (2.3, 1.1, 0.16), (14.0, 0.16, 0.3), (31.0, 0.7, 0.18))
        return Stained(face, layers)

    def verge(self) -> Texture:
        """Grass with bare patches."""
        rng = self.rng
        grass = random_color(rng, rng.uniform(0.17, 0.3), (0.35, 0.65), (0.35, 0.55))
        soil = random_color(rng, rng.uniform(0.08, 0.14), (0.2, 0.5), (0.4, 0.65))
        face = Noise((rng.uniform(1.5, 4), rng.uniform(0.8, 2)), grass, soil, 3)
        return Stained(face, ((0.3, 0.06, 0.6), (0.5, 0.25, 0.3), (9.0, 0.3, 0.25)))

    def paving(self) -> Texture:
        """Slabs or cobbles."""
        rng = self.rng
        color = random_color(rng, rng.uniform(0, 0.15), (0.02, 0.3), (0.5, 0.75))
        side = rng.uniform(0.25, 0.8)
        face = Tiles((side, side * rng.uniform(0.6, 1)), Plain(color), 0.02, scale_color(color, 0.5), 0.5, 0.3)
        return Stained(face, ((0.2, 0.15, 0.25), (3.0, 0.5, 0.25), (17.0, 0.25, 0.15)))

    def masonry(self) -> Texture:
        """Plaster, bricks or stone, weathered."""
        rng, kind = self.rng, self.rng.uniform()
        weather = ((0.12, 0.15, 0.18), (0.6, 0.5, 0.2), (0.5, 4.0, 0.2), (3.5, 2.5, 0.15))
        if kind < 0.55:
            saturation = (0.0, 0.2) if rng.uniform() < 0.5 else (0.2, 0.6)
            return Stained(Plain(random_color(rng, rng.uniform(0, 0.17), saturation, (0.55, 0.9))), weather)
        if kind < 0.85:
            brick = random_color(rng, rng.uniform(0.0, 0.09), (0.3, 0.65), (0.4, 0.7))
            joint = random_color(rng, saturation=(0, 0.15), value=(0.5, 0.75))
            return Stained(Tiles((0.4, 0.15), Plain(brick), 0.025, joint, 0.5, 0.4), weather)
        stone = random_color(rng, rng.uniform(0.05, 0.15), (0.05, 0.3), (0.5, 0.75))
        return Stained(Tiles((0.9, 0.45), Plain(stone), 0.03, scale_color(stone, 0.5), 0.5, 0.3), weather)

    def facade(self, half_height: float, bay: tuple[float, float], odd: bool) -> Texture:
        """A wall with windows; `odd` says that a bay is in the middle."""
        rng = self.rng
        wide, high = rng.uniform(0.35, 0.6) * bay[0], rng.uniform(0.42, 0.58) * bay[1]
        glass = tuple(random_color(rng, rng.uniform(0.5, 0.7), (0.05, 0.4), (0.12, 0.55)) for _ in range(6))
        frame = random_color(rng, saturation=(0, 0.3), value=(0.7, 0.95) if rng.uniform() < 0.75 else (0.2, 0.4))
        return Facade(
            self.masonry(),
            half_height,
            bay,
            (wide, high, rng.uniform(0.7, 1.0)),
            0.5 if odd else 0.0,
            frame,
            glass,
            bool(rng.uniform() < 0.25),
            random_color(rng, value=(0.2, 0.6)),
            int(rng.integers(200)),
        )

    def roof(self) -> Texture:
        """Tiles or slates."""
        rng = self.rng
        red = rng.uniform() < 0.65
        color = random_color(
            rng, rng.uniform(0, 0.06), *(((0.4, 0.7), (0.35, 0.6)) if red else ((0, 0.15), (0.25, 0.4)))
        )
        face = Tiles((0.5, 0.35), Plain(color), 0.05, scale_color(color, 0.5), 0.5, 0.3)
        return Stained(face, ((0.4, 0.4, 0.25), (3.0, 2.0, 0.25)))

    def leaves(self) -> Texture:
        """Foliage: light and shade between leaves and twigs."""
        rng = self.rng
        hue = self.foliage_hue + rng.normal(0, 0.02)
        if rng.uniform() < 0.08:
            hue = rng.uniform(0.04, 0.14)
        light, dark = random_color(rng, hue, (0.4, 0.7), (0.45, 0.65)), random_color(rng, hue, (0.4, 0.8), (0.12, 0.22))
        return Stained(Noise((rng.uniform(0.5, 0.9),) * 2, dark, light, 3), ((0.13, 0.13, 0.6), (0.05, 0.05, 0.4)))

    def hill(self) -> Texture:
        """Woods and fields, from afar."""
        rng = self.rng
        light = random_color(rng, rng.uniform(0.2, 0.32), (0.3, 0.5), (0.35, 0.5))
        return Stained(Noise((60.0, 25.0), scale_color(light, 0.4), light, 3), ((9.0, 4.0, 0.4),))

    def bark(self) -> Texture:
        """Furrowed along the trunk."""
        color = random_color(self.rng, self.rng.uniform(0.05, 0.12), (0.1, 0.4), (0.25, 0.45))
        return Stained(Plain(color), ((0.06, 0.5, 0.5), (0.3, 0.3, 0.3)))

    def car_paint(self) -> Texture:
        """Mostly grey, white or black, as cars are; a strip of dirt and mirrored surroundings."""
        rng = self.rng
        kind = rng.uniform()
        saturation, value = ((0, 0.08), (0.15, 0.9)) if kind < 0.6 else ((0.4, 0.9), (0.25, 0.7))
        return Stained(
            Plain(random_color(rng, saturation=saturation, value=value)), ((0.9, 0.13, 0.3), (0.2, 0.1, 0.15))
        )

    def cloth(self) -> Texture:
        """What people wear."""
        color = random_color(self.rng, value=(0.15, 0.8))
        return Stained(Plain(color), ((0.12, 0.15, 0.35), (0.03, 0.05, 0.2)))

    def paint(self) -> Color:
        """Any strong colour."""
        return random_color(self.rng, saturation=(0.5, 0.9), value=(0.35, 0.8))
