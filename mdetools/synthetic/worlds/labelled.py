"""Views of which it is known what every pixel shows, and what kind of place they show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.raycast.photo import Samples
from mdetools.synthetic.raycast.semantics import semantics
from mdetools.synthetic.rooms import ROOM_CLASSES, ROOM_TYPES, sample_camera, sample_room
from mdetools.synthetic.streets import STREET_CLASSES, STREET_TYPES, sample_street
from mdetools.synthetic.worlds.lenses import Lens
from mdetools.synthetic.worlds.view import View

__all__ = ["PLACES", "Place", "semantic_map"]


def _sample_room(rng: np.random.Generator, size: tuple[int, int]) -> tuple[View, str]:
    """A room of a type that is drawn first, all types alike."""
    kind = [*ROOM_TYPES][int(rng.integers(len(ROOM_TYPES)))]
    room = sample_room(rng, ROOM_TYPES[kind])
    return View(room.scene, sample_camera(room, rng, *size), size), kind


def _sample_street(rng: np.random.Generator, size: tuple[int, int]) -> tuple[View, str]:
    """A street as a car's camera sees it, 50 to 75 degrees wide."""
    street = sample_street(rng, 1)
    focal = size[1] / 2 / np.tan(np.radians(rng.uniform(50, 75)) / 2)
    pose = street.poses[0]
    return View(street.scene(0), Lens(*size, float(focal)).camera(pose.rotation, pose.position), size), street.plan.type


@dataclass(frozen=True)
class Place:
    """A kind of place.

    Attributes:
        sample: draws a view of a size (H, W) in pixels; gives it with its type.
        classes: of the pixels, in the order of their ids.
        types: of the places.
        size: (H, W) of a picture, where none is asked for.
        miss: class of what lies behind everything; empty where a ray always meets something.
    """

    sample: Callable[[np.random.Generator, tuple[int, int]], tuple[View, str]]
    classes: Sequence[str]
    types: Sequence[str]
    size: tuple[int, int]
    miss: str = ""


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "rooms": Place(_sample_room, ROOM_CLASSES, tuple(ROOM_TYPES), (128, 160)),
        "streets": Place(_sample_street, STREET_CLASSES, STREET_TYPES, (128, 256), "sky"),
    }
)


def semantic_map(view: View, samples: Samples, place: Place) -> np.ndarray:
    """Class ids (H, W) uint8 of what the rays through the pixel centres met, 255 where that is of no class."""
    count = samples.count
    rays, t, nearest = samples.rays, samples.t[:count], samples.nearest[:count]
    return samples.in_rows(semantics(view.scene.parts, rays, t, nearest, place.classes, place.miss)).reshape(view.size)
