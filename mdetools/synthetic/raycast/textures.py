"""Procedural textures of metric size, band-limited so that they do not alias far away.

Each is a callable `texture(uv, footprint) -> albedo`: uv (2, N) are surface coordinates in metres, footprint is the
width in metres which one pixel covers there, (N,) in all directions or (2, N) along u and v; albedo (3, N) is linear
RGB in [0, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.colors import Color, blend
from mdetools.synthetic.raycast.patterns import along_axes, cell_noise, fade, pulse, value_noise

__all__ = ["Bands", "Blotches", "Checker", "Noise", "Patchwork", "Plain", "Texture", "Tiles"]

Texture = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Plain:
    """One colour."""

    color: Color

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        return np.repeat(np.asarray(self.color, np.float32)[:, None], uv.shape[1], axis=1)


@dataclass(frozen=True)
class Checker:
    """Two colours in squares of side `size` metres."""

    size: float
    color: Color
    other: Color

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        scale = np.float32(0.5 / self.size)
        widths = along_axes(footprint, uv)
        u, v = (2 * pulse(x * scale, 0.5, width * scale) - 1 for x, width in zip(uv, widths, strict=True))
        return blend(self.color, self.other, 0.5 + 0.5 * u * v)


@dataclass(frozen=True)
class Bands:
    """Stripes of the `color`, `duty` of a `period` in metres wide, on the `other`; they follow the second axis."""

    period: float
    duty: float
    color: Color
    other: Color
    horizontal: bool = False

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        scale, axis = np.float32(1 / self.period), int(self.horizontal)
        width = along_axes(footprint, uv)[axis]
        return blend(self.other, self.color, pulse(uv[axis] * scale, self.duty, width * scale))


@dataclass(frozen=True)
class Noise:
    """Two colours mixed by value noise of the given `scale` (u, v) in metres, with octaves at half the scale each.

    Unequal scales give wood grain.
    """

    scale: tuple[float, float]
    color: Color
    other: Color
    octaves: int = 2

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        weight = np.full(uv.shape[1], 0.5, np.float32)
        for octave in range(self.octaves):
            x, y = (uv[axis] * np.float32(2**octave / self.scale[axis]) + np.float32(17.3 * octave) for axis in (0, 1))
            share = fade(footprint, (self.scale[0] / 2**octave, self.scale[1] / 2**octave))
            weight += np.float32(0.5 / 1.6**octave) * share * value_noise(x, y)
        return blend(self.color, self.other, np.clip(weight, 0, 1))


@dataclass(frozen=True)
class Tiles:
    """Tiles, bricks or planks of `size` (u, v) metres with joints, each with its own brightness.

    Attributes:
        face: the texture of a tile.
        joint: width of the joint, metres.
        joint_color: its colour.
        shift: by which each row is shifted against the one before, in tiles (0.5 for bricks).
        spread: relative spread of the tiles' brightness.
    """

    size: tuple[float, float]
    face: Texture
    joint: float
    joint_color: Color
    shift: float = 0.0
    spread: float = 0.1

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        width, height = (np.float32(side) for side in self.size)
        v = uv[1] / height
        row = np.floor(v)
        u = uv[0] / width + np.float32(self.shift) * row
        tone = 1 + np.float32(self.spread) * fade(footprint, self.size) * cell_noise(np.floor(u), row)
        wide, high = along_axes(footprint, uv)
        across = pulse(u, self.joint / self.size[0], wide / width)
        along = pulse(v, self.joint / self.size[1], high / height)
        joint = across + along - across * along
        face = self.face(uv, footprint) * tone
        return face + (np.asarray(self.joint_color, np.float32)[:, None] - face) * joint


@dataclass(frozen=True)
class Patchwork:
    """Cells of `size` (u, v) metres, each in one colour of the `palette`: book spines, quilts, panels."""

    size: tuple[float, float]
    palette: tuple[Color, ...]
    offset: int = 0

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        palette = np.asarray(self.palette, np.float32)
        cell = cell_noise(np.floor(uv[0] / self.size[0]) + self.offset, np.floor(uv[1] / self.size[1]) + self.offset)
        index = np.minimum((cell * 0.5 + 0.5) * len(palette), len(palette) - 1).astype(np.int32)
        colors, mean = palette.T[:, index], palette.mean(axis=0)[:, None]
        return mean + (colors - mean) * fade(footprint, self.size)


@dataclass(frozen=True)
class Blotches:
    """A painting: the `palette` in the order of smooth noise of the given `scale` in metres."""

    scale: float
    palette: tuple[Color, ...]
    offset: float = 0.0

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See the module."""
        palette = np.asarray(self.palette, np.float32)
        x, y = uv[0] / np.float32(self.scale) + np.float32(self.offset), uv[1] / np.float32(self.scale)
        level = value_noise(x, y) + 0.4 * value_noise(2.7 * x, 2.7 * y)
        position = np.clip((level * 0.6 + 0.5) * len(palette), 0, len(palette) - 1)
        return palette.T[:, position.astype(np.int32)]
