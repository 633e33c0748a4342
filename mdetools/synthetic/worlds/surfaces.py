"""Surfaces of any kind: flat, stained, printed, striped, noisy at any scale, and mixtures of two."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.colors import Color, blend, random_color, scale_color
from mdetools.synthetic.raycast.patterns import along_axes, cell_noise, fade, pulse, value_noise
from mdetools.synthetic.raycast.textures import Bands, Blotches, Checker, Noise, Patchwork, Plain, Texture, Tiles
from mdetools.synthetic.streets.textures import Stained

__all__ = ["Mixture", "Print", "any_color", "any_surface", "muted_surface", "plain_or_any_surface"]


@dataclass(frozen=True)
class Print:
    """Lines of words: ink in rows of height `line` metres, in cells that are inked at random."""

    line: float
    paper: Color
    ink: Color
    offset: int = 0

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`."""
        _, high = along_axes(footprint, uv)
        v = uv[1] / np.float32(self.line)
        row = np.floor(v) + self.offset
        words = cell_noise(np.floor(uv[0] / np.float32(0.55 * self.line)), row) > -0.35
        rows = pulse(v, 0.55, high / np.float32(self.line)) * (cell_noise(row, row) > -0.7)
        share = fade(footprint, (0.55 * self.line, self.line))
        return blend(self.paper, self.ink, rows * (share * words + (1 - share) * np.float32(0.6)))


@dataclass(frozen=True)
class Mixture:
    """Two surfaces, one in patches on the other, where smooth noise of the given `scale` in metres exceeds a level."""

    first: Texture
    second: Texture
    scale: float
    level: float
    offset: float = 0.0

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`."""
        x, y = (axis / np.float32(self.scale) + np.float32(self.offset) for axis in uv)
        mask = value_noise(x, y) + 0.5 * value_noise(2.3 * x, 2.3 * y) > self.level
        return np.where(mask, self.second(uv, footprint), self.first(uv, footprint))


def any_color(rng: np.random.Generator) -> Color:
    """A colour of any kind: grey and pale ones as often as strong ones."""
    saturation = (0.0, 0.15) if rng.uniform() < 0.4 else (0.1, 0.9)
    return random_color(rng, saturation=saturation, value=(0.08, 0.97))


def muted_surface(rng: np.random.Generator, scale: float) -> Texture:
    """A surface with little on it: paint, plaster, cloth, with faint stains."""
    color = any_color(rng)
    if rng.uniform() < 0.35:
        return Plain(color)
    other = scale_color(color, rng.uniform(0.6, 0.95))
    side = scale * np.exp(rng.uniform(-3, 0.5))
    return Noise((side, side * np.exp(rng.normal(0, 0.5))), color, other, int(rng.integers(1, 5)))


def any_surface(rng: np.random.Generator, scale: float, nested: bool = True) -> Texture:
    """Draws a surface for a thing of about `scale` metres.

    Args:
        rng: source of all that is drawn.
        scale: size of the thing, to which the pattern is fitted, metres.
        nested: whether it may be a mixture of two others.
    """
    if rng.uniform() < 0.35:
        return muted_surface(rng, scale)
    color, other = any_color(rng), any_color(rng)
    side = float(scale * np.exp(rng.uniform(-3.2, -0.6)))
    palette = tuple(any_color(rng) for _ in range(int(rng.integers(2, 7))))
    seed, stretch = int(rng.integers(200)), float(np.exp(rng.normal(0, 0.6)))
    kind = int(rng.integers(11 if nested else 9))
    if kind == 0:
        return Noise((side, side * stretch), color, other, int(rng.integers(1, 5)))
    if kind == 1:
        return Noise((3 * side * stretch, 0.15 * side), color, scale_color(color, rng.uniform(0.3, 0.8)), 3)
    if kind == 2:
        return Bands(side, rng.uniform(0.15, 0.85), color, other, bool(rng.integers(2)))
    if kind == 3:
        return Checker(side, color, other)
    if kind == 4:
        return Patchwork((side, side * stretch), palette, seed)
    if kind == 5:
        return Blotches(3 * side, palette, float(seed))
    if kind == 6:
        face = Noise((side / 3, side / 3), color, scale_color(color, rng.uniform(0.5, 0.9)), 2)
        joint = scale_color(color, rng.uniform(0.2, 1.5))
        return Tiles((side, side * stretch), face, 0.06 * side, joint, rng.uniform(), rng.uniform(0, 0.4))
    if kind == 7:
        layers = tuple((side * 4.0**step, side * 4.0**step * stretch, rng.uniform(0.1, 0.6)) for step in (-1, 0, 1))
        return Stained(Plain(color), layers)
    if kind == 8:
        return Print(side * 0.5, color, other, seed)
    first, second = (any_surface(rng, scale, nested=False) for _ in range(2))
    return Mixture(first, second, scale * np.exp(rng.uniform(-2, 0)), rng.uniform(-0.4, 0.6), float(seed))


def plain_or_any_surface(rng: np.random.Generator, scale: float) -> Texture:
    """Half of them muted at least: what things stand on and before."""
    return muted_surface(rng, scale) if rng.uniform() < 0.55 else any_surface(rng, scale)
