"""Two upright walls that meet, or stand one behind the other, before the camera: a picture's layout as its class.

Every picture shows the same: a floor, a wall on its left and one on its right, with an edge between them somewhere near
the middle. What the surfaces look like is drawn without regard to how the walls stand, so that colours, patterns and
the place of the edge tell nothing; where the floor ends, and how patterns shrink, does.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from mdetools.synthetic.raycast.camera import upright_rotation
from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Plane, rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.solids import IDENTITY, place_at
from mdetools.synthetic.raycast.textures import Texture
from mdetools.synthetic.worlds.lenses import Lens
from mdetools.synthetic.worlds.staging import lit_scene, sample_lamps
from mdetools.synthetic.worlds.surfaces import any_surface
from mdetools.synthetic.worlds.view import View

__all__ = ["LAYOUTS", "sample_walls", "wall_view"]

LENGTH, HEIGHT, THICKNESS = 40.0, 9.0, 0.1  # of a wall, metres
LEVEL = np.radians(6)  # by which a wall that faces the camera may be turned
TURN = np.radians((28, 50))  # by which one that does not is turned

# Of each wall how far it comes towards the camera, away from the edge, in radians; and its distance over the edge's.
Stance = tuple[tuple[float, float], tuple[float, float]]
Surface = Callable[[np.random.Generator, float], Texture]
Things = Callable[[np.random.Generator, Lens, float], list[Part]]


def _flat(rng: np.random.Generator) -> Stance:
    turn = rng.uniform(-LEVEL, LEVEL)
    return (turn, 1.0), (-turn, 1.0)


def _inner_corner(rng: np.random.Generator) -> Stance:
    return (rng.uniform(*TURN), 1.0), (rng.uniform(*TURN), 1.0)


def _outer_corner(rng: np.random.Generator) -> Stance:
    return (-rng.uniform(*TURN), 1.0), (-rng.uniform(*TURN), 1.0)


def _left_in_front(rng: np.random.Generator) -> Stance:
    (left, _), (right, _) = _flat(rng)
    return (left, 1.0), (right, rng.uniform(1.6, 2.5))


def _right_in_front(rng: np.random.Generator) -> Stance:
    left, right = _left_in_front(rng)
    return right, left


def _leads_left(rng: np.random.Generator) -> Stance:
    turn = rng.uniform(*TURN)
    return (-turn, 1.0), (turn, 1.0)


def _leads_right(rng: np.random.Generator) -> Stance:
    left, right = _leads_left(rng)
    return right, left


LAYOUTS: Mapping[str, Callable[[np.random.Generator], Stance]] = MappingProxyType(
    {
        "flat": _flat,
        "inner_corner": _inner_corner,
        "leads_left": _leads_left,
        "leads_right": _leads_right,
        "left_in_front": _left_in_front,
        "outer_corner": _outer_corner,
        "right_in_front": _right_in_front,
    }
)


def sample_walls(rng: np.random.Generator, size: tuple[int, int], layout: str) -> View:
    """Draws a view (H, W) of two walls in one of `LAYOUTS`, with surfaces of any kind."""
    return wall_view(rng, size, layout, any_surface)


def wall_view(
    rng: np.random.Generator,
    size: tuple[int, int],
    layout: str,
    surface: Surface,
    things: Things | None = None,
) -> View:
    """Draws a view of two walls, a floor and, in one picture of two, a ceiling.

    Args:
        rng: source of all that is drawn.
        size: (H, W), pixels.
        layout: one of `LAYOUTS`.
        surface: draws a texture for a thing of so many metres.
        things: draws what else there is, from the lens and the distance of the edge between the walls, metres.
    """
    away, eye = float(np.exp(rng.uniform(np.log(2.2), np.log(5)))), place_at(0, 0, rng.uniform(1.2, 1.8))
    lens = Lens(*size, float(size[1] / 2 / np.tan(np.radians(rng.uniform(52, 72)) / 2)))
    camera = lens.camera(upright_rotation(np.pi / 2, rng.normal(-0.28, 0.07), rng.normal(0, 0.03)), eye)
    edge = lens.half_view[0] * rng.uniform(-0.35, 0.35)  # tangent of its direction
    parts = [Part(Plane(IDENTITY, place_at(0, 0, 0)), surface(rng, away))]
    if rng.uniform() < 0.5:
        turned = np.diag(np.array([1, -1, -1], np.float32))
        parts.append(Part(Plane(turned, place_at(0, 0, eye[2] + rng.uniform(0.7, 1.8))), surface(rng, away)))
    for side, (turn, reach) in zip((-1, 1), LAYOUTS[layout](rng), strict=True):
        parts.append(_wall((edge * away * reach, away * reach), side, turn, surface(rng, away)))
    parts += things(rng, lens, away) if things else []
    scene = lit_scene(parts, sample_lamps(rng, eye, away), rng.uniform(0.35, 0.9) * np.exp(rng.normal(0, 0.06, 3)))
    return View(scene, camera, size)


def _wall(edge: tuple[float, float], side: int, turn: float, texture: Texture) -> Part:
    """A wall from the edge, a point on the ground, to one side (-1: left), that comes `turn` radians towards us."""
    along = np.array([side * np.cos(turn), -np.sin(turn), 0])
    behind = np.array([-along[1], along[0], 0]) * side
    centre = np.array([*edge, HEIGHT / 2]) + along * LENGTH / 2 + behind * THICKNESS / 2
    shape = Box(rotation_z(-side * turn), centre.astype(np.float32), (LENGTH / 2, THICKNESS / 2, HEIGHT / 2))
    return Part(shape, texture)
