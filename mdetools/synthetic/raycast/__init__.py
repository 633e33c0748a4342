"""A ray caster: primitives, textures, light, cameras, photographs."""

from mdetools.synthetic.raycast.camera import Camera, Pose, Rays
from mdetools.synthetic.raycast.daylight import Daylight
from mdetools.synthetic.raycast.photo import photograph
from mdetools.synthetic.raycast.polyhedra import Box, ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import Cylinder, Plane, Primitive, Sphere
from mdetools.synthetic.raycast.rendering import Hits, render
from mdetools.synthetic.raycast.scene import Light, Part, Scene
from mdetools.synthetic.raycast.stereo import StereoPair, photograph_pair

__all__ = [
    "Box",
    "Camera",
    "ConvexPolyhedron",
    "Cylinder",
    "Daylight",
    "Hits",
    "Light",
    "Part",
    "Plane",
    "Pose",
    "Primitive",
    "Rays",
    "Scene",
    "Sphere",
    "StereoPair",
    "photograph",
    "photograph_pair",
    "render",
]
