"""What a scene is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mdetools.datasets.synthetic.primitives import Plane, Primitive
from mdetools.datasets.synthetic.textures import Texture

__all__ = ["Light", "Part", "Scene"]


@dataclass(frozen=True, eq=False)
class Part:
    """A shape with its look; one that glows (`emission`, linear) casts no shadow."""

    shape: Primitive
    texture: Texture
    emission: float = 0.0

    def moved(self, rotation: np.ndarray, translation: np.ndarray) -> "Part":
        """The same part with its shape moved, see `Primitive.moved`."""
        return Part(self.shape.moved(rotation, translation), self.texture, self.emission)


@dataclass(frozen=True, eq=False)
class Light:
    """A point light: position (3,) in metres, linear colour (3,), times the power."""

    position: np.ndarray
    color: np.ndarray


@dataclass(frozen=True, eq=False)
class Scene:
    """What there is to see.

    Attributes:
        parts: everything that a ray can hit.
        lights: point lights, all of which cast hard shadows.
        ambient: (3,) float32, linear colour of the light from everywhere.
        enclosure: planes near which less of the ambient light arrives (corners of a room).
        sky: (3,) float32, linear colour of a ray that hits nothing.
    """

    parts: Sequence[Part]
    lights: Sequence[Light]
    ambient: np.ndarray
    enclosure: Sequence[Plane] = ()
    sky: tuple[float, float, float] = (0.0, 0.0, 0.0)
