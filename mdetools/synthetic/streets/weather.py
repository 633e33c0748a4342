"""Sun, sky and clouds."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.daylight import Daylight
from mdetools.synthetic.raycast.patterns import value_noise

__all__ = ["Sky", "sample_weather"]


@dataclass(frozen=True, eq=False)
class Sky:
    """Colour of the sky by direction: from the horizon to the zenith, with clouds.

    Attributes:
        horizon: (3,) float32, linear.
        zenith: (3,) float32, linear.
        cloud: (3,) float32, linear.
        cover: from -1 (clear) to 1 (overcast).
        offset: of the clouds' pattern.
    """

    horizon: np.ndarray
    zenith: np.ndarray
    cloud: np.ndarray
    cover: float
    offset: float

    def __call__(self, direction: np.ndarray) -> np.ndarray:
        """Colours (3, N) for directions (3, N) of any length."""
        x, y, z = direction / np.sqrt((direction * direction).sum(axis=0))
        height = np.clip(z, 0, 1)
        color = self.horizon[:, None] + (self.zenith - self.horizon)[:, None] * np.sqrt(np.minimum(2.5 * height, 1))
        # As on a layer overhead that bends down to the horizon; the detail is coarse enough for any camera.
        u, v = (axis / (height + np.float32(0.22)) * np.float32(2.2) + np.float32(self.offset) for axis in (x, y))
        noise = value_noise(u, v) + 0.5 * value_noise(2.3 * u, 2.3 * v) + 0.25 * value_noise(5.1 * u, 5.1 * v)
        share = np.clip(0.5 + 0.9 * (noise + np.float32(self.cover)), 0, 1) * (0.35 + 0.65 * np.minimum(6 * height, 1))
        return color + (self.cloud[:, None] * (0.85 + 0.15 * noise) - color) * share


def sample_weather(rng: np.random.Generator) -> tuple[Daylight, Sky]:
    """Draws sun and sky: from clear with hard shadows to overcast."""
    cover = float(rng.uniform(-0.9, 0.9))
    azimuth, elevation = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(25, 65))
    towards = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    clear = float(np.clip(0.75 - 0.8 * cover, 0, 1)) * rng.uniform(0.7, 1)
    warmth = rng.uniform(0, 0.15)
    sun = 2.2 * clear * np.array([1 + warmth, 1, 1 - 1.5 * warmth])
    blue = 0.25 * clear
    sky = (0.55 + 0.45 * (1 - clear)) * np.array([1 - blue, 1 - 0.3 * blue, 1 + blue])
    horizon = np.array([0.85, 0.92, 1.0]) * rng.uniform(0.8, 1.2)
    zenith = np.array([0.22, 0.4, 0.8]) * clear + np.array([0.7, 0.75, 0.8]) * (1 - clear)
    colors = [color.astype(np.float32) for color in (towards, sun, sky, 0.45 * sky, horizon, zenith)]
    towards, sun, sky, ground, horizon, zenith = colors
    daylight = Daylight(towards, sun, sky, ground, 0.9 * horizon, float(rng.uniform(250, 1200)))
    cloud = np.full(3, rng.uniform(0.9, 1.3), np.float32)
    return daylight, Sky(horizon, zenith, cloud, cover, float(rng.uniform(0, 200)))
