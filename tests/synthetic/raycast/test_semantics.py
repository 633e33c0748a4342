import numpy as np
import pytest

from mdetools.synthetic.raycast.camera import Rays
from mdetools.synthetic.raycast.casting import cast
from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Plane
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.raycast.semantics import named, semantics
from mdetools.synthetic.raycast.textures import Plain

EYE = np.eye(3, dtype=np.float32)
GREY = Plain((0.5, 0.5, 0.5))
CLASSES = ("grass", "water", "box", "air")


def seen(parts, at, towards, **options):
    """The classes of what rays from one point meet."""
    rays = Rays(np.array(at, np.float32)[:, None], np.array(towards, np.float32).T, 1e-3)
    return semantics(parts, rays, *cast([part.shape for part in parts], rays), CLASSES, **options).tolist()


def shore(uv):
    return np.where(uv[0] > 0, "water", "grass")


def test_of_each_ray_the_class_of_what_it_meets_first():
    ground = Part(Plane(EYE, np.zeros(3, np.float32)), GREY, semantic=shore)
    box = Part(Box(EYE, np.array([2, 0, 0.5], np.float32), (0.5, 0.5, 0.5)), GREY, semantic="box")
    stone = Part(Box(EYE, np.array([0, 2, 0.5], np.float32), (0.5, 0.5, 0.5)), GREY)
    towards = [(1, 0, -0.4), (0.1, 0, -1), (-0.1, 0, -1), (1, 0, 1), (0, 2, -0.5)]
    # The box hides the water; the stone is of no class; a ray towards the sky meets nothing.
    assert seen([ground, box, stone], (0, 0, 1), towards) == [2, 1, 0, 255, 255]
    assert seen([ground, box, stone], (0, 0, 1), towards, miss="air") == [2, 1, 0, 3, 255]


def test_a_name_that_is_no_class_is_an_error():
    wall = Part(Plane(EYE, np.zeros(3, np.float32)), GREY, semantic="wall")
    with pytest.raises(KeyError, match="wall"):
        seen([wall], (0, 0, 1), [(0, 0, -1)])


def test_what_is_named_stays_so():
    cup, top = (Part(Plane(EYE, np.zeros(3, np.float32)), GREY) for _ in range(2))
    assert [part.semantic for part in named("table", [top, *named("cup", [cup])])] == ["table", "cup"]
    assert top.semantic == ""
