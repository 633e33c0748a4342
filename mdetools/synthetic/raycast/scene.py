"""What a scene is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mdetools.synthetic.raycast.daylight import Daylight
from mdetools.synthetic.raycast.footprints import Footprint, isotropic
from mdetools.synthetic.raycast.primitives import Plane, Primitive
from mdetools.synthetic.raycast.textures import Texture

__all__ = ["Light", "Part", "Scene", "Semantic"]

Semantic = str | Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Part:
    """A shape with its look.

    Attributes:
        shape: what a ray can hit.
        texture: its albedo.
        emission: linear; what glows casts no shadow.
        low: lies so flat on the ground that its shadow is not worth the time.
        semantic: name of the class of what it belongs to, empty for none, or one for each point (N,) by its surface
            coordinates (2, N).
    """

    shape: Primitive
    texture: Texture
    emission: float = 0.0
    low: bool = False
    semantic: Semantic = ""

    @property
    def casts_shadow(self) -> bool:
        """Whether it is looked for between a surface and a light."""
        return self.emission == 0 and not self.low and not isinstance(self.shape, Plane)

    def moved(self, rotation: np.ndarray, translation: np.ndarray) -> "Part":
        """The same part with its shape moved, see `Primitive.moved`."""
        return replace(self, shape=self.shape.moved(rotation, translation))


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
        sky: (3,) float32, linear colour of a ray that hits nothing, or its colours (3, N) by their directions (3, N).
        daylight: sun, sky and haze, out of doors.
        footprint: by which textures are filtered.
    """

    parts: Sequence[Part]
    lights: Sequence[Light]
    ambient: np.ndarray
    enclosure: Sequence[Plane] = ()
    sky: tuple[float, float, float] | Callable[[np.ndarray], np.ndarray] = (0.0, 0.0, 0.0)
    daylight: Daylight | None = None
    footprint: Footprint = isotropic
