"""Textures of a street: weathered surfaces, roads with markings, facades with windows. See `textures`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.colors import Color, blend
from mdetools.synthetic.raycast.patterns import along_axes, band, cell_noise, fade, pulse, value_noise
from mdetools.synthetic.raycast.textures import Texture

__all__ = ["Disc", "Facade", "Layer", "Road", "Stained", "VehicleEnd", "relief"]

Layer = tuple[float, float, float]  # of noise: its scale along u and v in metres, its amplitude


def relief(uv: np.ndarray, footprint: np.ndarray, layers: Sequence[Layer]) -> np.ndarray:
    """Sum (N,) of layers of noise, each left out where a pixel does not resolve it."""
    total = np.zeros(uv.shape[1], np.float32)
    for index, (scale_u, scale_v, amplitude) in enumerate(layers):
        share = np.float32(amplitude) * fade(footprint, (scale_u, scale_v))
        seen = np.flatnonzero(share)
        u, v = (np.take(coordinate, seen) for coordinate in uv)
        noise = value_noise(u * np.float32(1 / scale_u) + np.float32(31.7 * index), v * np.float32(1 / scale_v))
        total[seen] += np.take(share, seen) * noise
    return total


@dataclass(frozen=True)
class Stained:
    """A surface brightened and darkened by layers of noise."""

    face: Texture
    layers: tuple[Layer, ...]

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`."""
        tone = np.maximum(1 + relief(uv, along_axes(footprint, uv), self.layers), np.float32(0.15))
        return np.minimum(self.face(uv, footprint) * tone, np.float32(0.95))


@dataclass(frozen=True)
class Road:
    """The ground: a road about the parabola y = curvature / 2 x^2, with its markings, and what lies beside it.

    Attributes:
        curvature: 1 / metres.
        half_width: of the road, metres.
        asphalt: in metres along and across the road.
        verge: what lies beside it, in the same metres.
        dash: (period, painted share) of the centre line; a share of 1 is a solid line.
        edge_lines: whether lines run along both edges.
        paint: colour of the markings.
        crossing: where a zebra crossing begins, metres along the road; inf for none.
    """

    curvature: float
    half_width: float
    asphalt: Texture
    verge: Texture
    dash: tuple[float, float]
    edge_lines: bool
    paint: Color
    crossing: float

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`; u and v are the world's x and y."""
        along, across = along_axes(footprint, uv)
        slope, secant, offset = self._course(uv)
        width = np.sqrt(across * across + slope * slope * along * along) / secant
        local, widths = np.stack([uv[0], offset]), np.stack([along, width])
        paved = band(offset, -self.half_width, self.half_width, width)
        albedo = np.empty((3, uv.shape[1]), np.float32)
        inner, outer = np.flatnonzero(paved >= 0.5), np.flatnonzero(paved < 0.5)
        for index, texture in ((inner, self.asphalt), (outer, self.verge)):
            albedo[:, index] = texture(local[:, index], widths[:, index])
        marks = self._markings(local[:, inner], widths[:, inner])
        worn = 0.85 + relief(local[:, inner], widths[:, inner], ((0.4, 0.15, 0.2),))
        albedo[:, inner] += (np.asarray(self.paint, np.float32)[:, None] - albedo[:, inner]) * (marks * worn)
        return albedo

    def semantic(self, uv: np.ndarray) -> np.ndarray:
        """Names (N,) of the classes at surface coordinates (2, N)."""
        return np.where(np.abs(self._course(uv)[2]) <= self.half_width, "road", "terrain")

    def _course(self, uv: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The centre line's slope and secant at points (2, N), and how far to its left they lie, metres; (N,) each."""
        x, y = uv
        slope = np.float32(self.curvature) * x
        secant = np.sqrt(1 + slope * slope)
        return slope, secant, (y - np.float32(0.5) * slope * x) / secant

    def _markings(self, local: np.ndarray, widths: np.ndarray) -> np.ndarray:
        """Share (N,) of a pixel that is painted."""
        (s, d), (long, wide) = local, widths
        period, duty = self.dash
        marks = band(d, -0.07, 0.07, wide) * pulse(s / period, duty, long / period)
        if self.edge_lines:
            at = self.half_width - 0.35
            marks += band(np.abs(d), at - 0.07, at + 0.07, wide)
        if np.isfinite(self.crossing):
            stripes = pulse(d, 0.5, wide) * band(np.abs(d), -1, self.half_width - 0.6, wide)
            marks = np.maximum(marks, stripes * band(s, self.crossing, self.crossing + 3, long))
        return marks


@dataclass(frozen=True)
class Facade:
    """A wall with a grid of windows and, on the ground floor, doors or shops; u = 0 is its middle, v = 0 its middle.

    Attributes:
        wall: the wall's texture.
        half_height: of the wall, metres.
        bay: (width of a bay, height of a storey), metres.
        window: (width, height, height of the sill above the floor), metres.
        phase: 0 if a border between bays is in the middle, 0.5 if a bay is.
        frame: colour around the panes.
        glass: colours of the panes, from which one is drawn for each.
        shop: whether the ground floor has wide panes.
        door: colour of the doors.
        seed: of what is drawn for each bay.
    """

    wall: Texture
    half_height: float
    bay: tuple[float, float]
    window: tuple[float, float, float]
    phase: float
    frame: Color
    glass: tuple[Color, ...]
    shop: bool
    door: Color
    seed: int

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`."""
        footprint = along_axes(footprint, uv)
        albedo = self.wall(uv, footprint)
        (bay, storey), (wide, high, sill) = self.bay, self.window
        height = uv[1] + np.float32(self.half_height)
        column = uv[0] * np.float32(1 / bay) + np.float32(self.phase)
        level = height * np.float32(1 / storey)
        ground = level < 1
        drawn = cell_noise(np.floor(column) + self.seed, np.floor(level))
        has_door = ground & (drawn > 0.55) & (not self.shop)
        wide = np.where(ground & self.shop, bay - 0.5, np.where(has_door, 1.05, wide)).astype(np.float32)
        high = np.where(ground & self.shop, 2.1, np.where(has_door, 2.1, high)).astype(np.float32)
        sill = np.where(ground & self.shop, 0.45, np.where(has_door, 0.0, sill)).astype(np.float32)
        from_middle = np.abs(column - np.floor(column) - 0.5) * np.float32(bay)
        above_sill = (level - np.floor(level)) * np.float32(storey) - sill
        frame = band(from_middle, -9, wide / 2, footprint[0]) * band(above_sill, 0, high, footprint[1])
        bars = band(np.abs(from_middle - wide / 4), -9, wide / 4 - 0.07, footprint[0])
        pane = bars * band(above_sill, 0.08, high - 0.08, footprint[1])
        ledge = band(from_middle, -9, wide / 2 + 0.12, footprint[0]) * band(above_sill, -0.12, 0, footprint[1])
        albedo += (np.asarray(self.frame, np.float32)[:, None] - albedo) * np.maximum(frame, 0.8 * ledge * ~ground)
        inside = self._panes(drawn, above_sill / high, uv, footprint)
        inside[:, has_door] = np.asarray(self.door, np.float32)[:, None]
        albedo += (inside - albedo) * pane
        return albedo

    def _panes(self, drawn: np.ndarray, height: np.ndarray, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """Colours (3, N) of glass: what it mirrors, blinds half let down, curtains."""
        glass = np.asarray(self.glass, np.float32)
        index = np.minimum((drawn * 0.5 + 0.5) * len(glass), len(glass) - 1).astype(np.int32)
        mirrored = 0.75 + 0.25 * np.clip(height, 0, 1) + relief(uv, footprint, ((0.7, 0.5, 0.35), (0.2, 0.3, 0.15)))
        color = glass.T[:, index] * np.maximum(mirrored, np.float32(0.2))
        drop = 1 - 0.9 * np.abs(cell_noise(index * 7 + 3, (drawn * 1000).astype(np.int32)))
        blind = band(height, drop, 2, footprint[1]) * (drawn < -0.2)
        return _blend_into(color, self.frame, 0.8 * blind)


def _blend_into(colors: np.ndarray, other: Color, weight: np.ndarray) -> np.ndarray:
    """Colours (3, N) mixed with one other."""
    return colors + (np.asarray(other, np.float32)[:, None] - colors) * weight


@dataclass(frozen=True)
class Disc:
    """Rings about u = v = 0: traffic signs, wheels. `rings` are (outer radius in metres, colour), inmost first."""

    rings: tuple[tuple[float, Color], ...]

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`."""
        distance = np.sqrt(uv[0] * uv[0] + uv[1] * uv[1])
        width = along_axes(footprint, uv).max(axis=0)
        albedo = blend(self.rings[-1][1], self.rings[-1][1], np.zeros(uv.shape[1], np.float32))
        for radius, color in reversed(self.rings[:-1]):
            albedo = _blend_into(albedo, color, band(distance, -9, radius, width))
        return albedo


@dataclass(frozen=True)
class VehicleEnd:
    """Rear or front of a vehicle: two lamps, a number plate, a dark bumper, seams.

    Attributes:
        face: the paint.
        half: half its (width, height), metres.
        lamp: colour of the lamps.
    """

    face: Texture
    half: tuple[float, float]
    lamp: Color

    def __call__(self, uv: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """See `textures`; u runs across the vehicle, v up."""
        (across, up), (half, high) = along_axes(footprint, uv), self.half
        u, v = np.abs(uv[0]), uv[1]
        albedo = self.face(uv, footprint)
        albedo = _blend_into(albedo, (0.02, 0.02, 0.02), band(v, -9, -0.55 * high, up))
        albedo = _blend_into(
            albedo, (0.02, 0.02, 0.02), band(u, -9, 0.45, across) * band(v, -0.1 * high, 0.3 * high, up)
        )
        albedo = _blend_into(
            albedo, (0.75, 0.75, 0.7), band(u, -9, 0.26, across) * band(v, -0.45 * high, -0.15 * high, up)
        )
        lamps = band(u, half - 0.38, half - 0.07, across) * band(v, 0.25 * high, 0.75 * high, up)
        return _blend_into(albedo, self.lamp, lamps)
