"""Materials of a furnished room, of the sizes that they have in life."""

import numpy as np

from mdetools.synthetic.raycast.colors import Color, random_color, scale_color
from mdetools.synthetic.raycast.textures import Bands, Blotches, Checker, Noise, Patchwork, Plain, Texture, Tiles

__all__ = ["Palette"]


class Palette:
    """The materials of one room: a few woods, paints and cloths which its furniture shares."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.woods = [self._wood() for _ in range(2)]
        self.accents = [random_color(rng) for _ in range(4)]
        self.metal = Plain(random_color(rng, saturation=(0, 0.08), value=(0.3, 0.75)))
        self.white = Plain(random_color(rng, saturation=(0, 0.08), value=(0.85, 0.95)))
        self.black = Plain(random_color(rng, saturation=(0, 0.1), value=(0.1, 0.22)))

    def _wood_color(self) -> Color:
        return random_color(self.rng, self.rng.uniform(0.05, 0.1), (0.3, 0.7), (0.3, 0.75))

    def _wood(self, color: Color | None = None) -> Texture:
        color = color or self._wood_color()
        return Noise((self.rng.uniform(0.4, 0.9), self.rng.uniform(0.02, 0.05)), color, scale_color(color, 0.62))

    def wood(self) -> Texture:
        """One of the room's two woods."""
        return self.woods[int(self.rng.integers(2))]

    def accent(self) -> Color:
        """One of the room's four strong colours."""
        return self.accents[int(self.rng.integers(4))]

    def furniture(self) -> Texture:
        """Wood, white or a painted colour."""
        return [self.wood, self.wood, lambda: self.white, lambda: Plain(self.accent())][int(self.rng.integers(4))]()

    def cloth(self) -> Texture:
        """Plain, woven, striped, checked or quilted cloth."""
        rng, color = self.rng, self.accent()
        other = random_color(rng, saturation=(0.05, 0.5), value=(0.5, 0.95))
        return [
            lambda: Noise((0.02, 0.02), color, scale_color(color, 0.75)),
            lambda: Noise((0.15, 0.15), color, scale_color(color, 0.7), 3),
            lambda: Bands(rng.uniform(0.05, 0.2), rng.uniform(0.3, 0.6), color, other, bool(rng.integers(2))),
            lambda: Checker(rng.uniform(0.04, 0.12), color, other),
            lambda: Patchwork((0.2, 0.2), (color, other, self.accent()), int(rng.integers(200))),
        ][int(rng.integers(5))]()

    def books(self) -> Texture:
        """A row of book spines."""
        colors = tuple(random_color(self.rng, value=(0.2, 0.85)) for _ in range(7))
        return Patchwork((self.rng.uniform(0.022, 0.045), 1.0), colors, int(self.rng.integers(200)))

    def painting(self) -> Texture:
        """An abstract painting."""
        colors = tuple(random_color(self.rng) for _ in range(int(self.rng.integers(3, 7))))
        return Blotches(self.rng.uniform(0.1, 0.5), colors, self.rng.uniform(0, 200))

    def wall(self) -> Texture:
        """Paint, wallpaper, bricks or tiles."""
        rng = self.rng
        saturation = (0.0, 0.15) if rng.uniform() < 0.6 else (0.15, 0.5)
        color = random_color(rng, saturation=saturation, value=(0.65, 0.95))
        kind = rng.uniform()
        if kind < 0.6:
            return Noise((rng.uniform(0.6, 1.5),) * 2, color, scale_color(color, 0.88), 3)
        if kind < 0.75:
            return Bands(rng.uniform(0.1, 0.4), rng.uniform(0.3, 0.7), color, scale_color(color, rng.uniform(0.7, 0.9)))
        if kind < 0.85:
            brick = random_color(rng, rng.uniform(0.0, 0.06), (0.3, 0.65), (0.45, 0.75))
            face = Noise((0.03, 0.03), brick, scale_color(brick, 0.7))
            return Tiles((0.25, 0.075), face, 0.01, random_color(rng, saturation=(0, 0.1), value=(0.6, 0.8)), 0.5, 0.25)
        side = rng.uniform(0.1, 0.3)
        return Tiles((side, side), Plain(color), 0.005, scale_color(color, 0.6), 0.0, 0.06)

    def floor(self) -> Texture:
        """Planks, tiles, chequered tiles or carpet."""
        rng, kind = self.rng, self.rng.uniform()
        if kind < 0.45:
            face = self._wood()
            size = (rng.uniform(0.8, 1.6), rng.uniform(0.08, 0.2))
            return Tiles(
                size, face, 0.004, scale_color(face.color, 0.3), rng.uniform(0.25, 0.75), rng.uniform(0.1, 0.3)
            )
        color = random_color(rng, saturation=(0.0, 0.45), value=(0.25, 0.7))
        if kind < 0.7:
            side = rng.uniform(0.2, 0.6)
            face = Noise((side / 2, side / 2), color, scale_color(color, 0.85))
            return Tiles((side, side), face, 0.008, scale_color(color, rng.uniform(0.4, 1.5)), 0.0, 0.12)
        if kind < 0.8:
            return Checker(rng.uniform(0.2, 0.4), color, scale_color(color, rng.uniform(0.3, 0.6)))
        return Noise((0.05, 0.05), color, scale_color(color, 0.7), 2)

    def ceiling(self) -> Texture:
        """White paint, office panels or boards."""
        rng, color = self.rng, random_color(self.rng, saturation=(0, 0.08), value=(0.8, 0.95))
        kind = rng.uniform()
        if kind < 0.6:
            return Noise((1.0, 1.0), color, scale_color(color, 0.92))
        if kind < 0.85:
            return Tiles(
                (0.6, 0.6),
                Noise((0.03, 0.03), color, scale_color(color, 0.8)),
                0.02,
                scale_color(color, 0.7),
                0.0,
                0.04,
            )
        return Tiles((2.5, 0.12), self._wood(), 0.006, (0.05, 0.03, 0.02), 0.4, 0.15)
