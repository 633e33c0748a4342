"""What a world hands to the renderer."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, pixel_grid
from mdetools.synthetic.raycast.casting import cast
from mdetools.synthetic.raycast.scene import Scene

__all__ = ["View", "probe"]

RAYS = 300  # by which a view is judged, about


@dataclass(frozen=True, eq=False)
class View:
    """A scene, a camera in it, and the size (H, W) of the picture."""

    scene: Scene
    camera: Camera
    size: tuple[int, int]


def probe(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Depth (N,) and part (N,) of a few rays of a view; inf and -1 where there is sky."""
    stride = max(int(np.sqrt(view.size[0] * view.size[1] / RAYS)), 1)
    return cast([part.shape for part in view.scene.parts], view.camera.rays(pixel_grid(*view.size, stride)))
