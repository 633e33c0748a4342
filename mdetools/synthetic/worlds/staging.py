"""What close-ups, still lifes and tables are staged with: walls, boards, places across the picture, lamps, light."""

import numpy as np

from mdetools.synthetic.raycast.primitives import Plane, rotation_z
from mdetools.synthetic.raycast.scene import Light, Part, Scene
from mdetools.synthetic.raycast.solids import block, place_at
from mdetools.synthetic.worlds.lenses import Lens
from mdetools.synthetic.worlds.surfaces import any_color, plain_or_any_surface

__all__ = ["any_board", "backdrop", "lit_scene", "place_across", "sample_lamps", "upright_wall"]


def lit_scene(parts: list[Part], lamps: list[Light], ambient: np.ndarray) -> Scene:
    """A scene that the planes among its parts enclose; `ambient` (3,) is the light from all around."""
    planes = tuple(part.shape for part in parts if isinstance(part.shape, Plane))
    return Scene(parts, lamps, ambient.astype(np.float32), planes)


def upright_wall(point: tuple, yaw: float, tilt: float, texture) -> Part:
    """A plane through the point; at yaw and tilt 0 it is upright and faces against y."""
    cos, sin = np.cos(tilt), np.sin(tilt)
    upright = np.array([[1, 0, 0], [0, sin, -cos], [0, cos, sin]], np.float32)
    return Part(Plane(rotation_z(yaw) @ upright, place_at(*point)), texture)


def backdrop(rng: np.random.Generator, lens: Lens, back: float) -> list[Part]:
    """A wall, in one picture of four with another that meets it at the side."""
    texture = plain_or_any_surface(rng, back * rng.uniform(0.3, 1))
    parts = [upright_wall((0, back, 0), rng.normal(0, 0.2), rng.normal(0, 0.05), texture)]
    if rng.uniform() < 0.25:
        side = rng.choice([-1, 1])
        corner = (side * back * lens.half_view[0] * rng.uniform(0.5, 1), 0, 0)
        parts.append(upright_wall(corner, -side * rng.uniform(1.1, 1.6), 0, plain_or_any_surface(rng, back)))
    return parts


def any_board(rng: np.random.Generator, size: float) -> list[Part]:
    """An upright block, half of them thin."""
    flat = 0.15 if rng.uniform() < 0.5 else 0.5
    wide, deep, high = size * np.exp(rng.normal(0, 0.4, 3)) * (0.5, flat, 0.8)
    return [block((-wide / 2, wide / 2), (-deep / 2, deep / 2), (0, high), plain_or_any_surface(rng, size))]


def place_across(rng: np.random.Generator, lens: Lens, y: float) -> float:
    """Where in the picture's width, metres from its middle, something y metres away stands."""
    return y * lens.half_view[0] * rng.uniform(-1.1, 1.1)


def sample_lamps(rng: np.random.Generator, eye: np.ndarray, reach: float) -> list[Light]:
    """One to three lamps above or beside the camera."""
    lights, count = [], int(rng.integers(1, 4))
    for _ in range(count):
        spot = eye + reach * np.array([rng.normal(0, 0.9), rng.uniform(-0.6, 0.6), rng.uniform(0.2, 1.5)])
        power = rng.uniform(0.3, 1.2) * (0.25 + reach**2) / count
        lights.append(Light(spot, np.asarray(_any_tint(rng)) * power))
    return lights


def _any_tint(rng: np.random.Generator) -> np.ndarray:
    """A light's colour (3,): white, warm or cold, now and then strongly coloured."""
    if rng.uniform() < 0.08:
        return 0.5 + np.asarray(any_color(rng))
    warm = rng.normal(0, 0.15)
    return np.array([1 + warm, 1.0, 1 - warm])
