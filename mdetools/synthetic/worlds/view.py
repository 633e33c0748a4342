"""What a world hands to the renderer."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, pixel_grid
from mdetools.synthetic.raycast.casting import cast
from mdetools.synthetic.raycast.scene import Scene

__all__ = ["Probe", "View", "probe"]

RAYS = 300  # by which a view is judged, about


@dataclass(frozen=True, eq=False)
class View:
    """A scene, a camera in it, and the size (H, W) of the picture."""

    scene: Scene
    camera: Camera
    size: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Probe:
    """What a few rays of a view meet.

    Attributes:
        pixels: (2, N), (u, v).
        depth: (N,), metres, inf where there is sky.
        part: (N,), running number of the part that is met, -1 where there is sky.
    """

    pixels: np.ndarray
    depth: np.ndarray
    part: np.ndarray


def probe(view: View) -> Probe:
    """Casts a few rays, evenly over the picture."""
    stride = max(int(np.sqrt(view.size[0] * view.size[1] / RAYS)), 1)
    pixels = pixel_grid(*view.size, stride)
    return Probe(pixels, *cast([part.shape for part in view.scene.parts], view.camera.rays(pixels)))
