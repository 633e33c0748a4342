"""Photographs of one scene by the two cameras of a rectified pair."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, Rays
from mdetools.synthetic.raycast.photo import cast_samples, exposure, tone
from mdetools.synthetic.raycast.rendering import shade
from mdetools.synthetic.raycast.scene import Scene

__all__ = ["StereoPair", "photograph_pair"]

EXPOSURE = np.float32(0.75)  # of that of a room: a bright sky does not show black walls


@dataclass(frozen=True, eq=False)
class StereoPair:
    """Two photographs with the exact depth of each.

    Attributes:
        images: uint8 (2, 3, H, W), left and right.
        depth: float32 (2, H, W), metres; inf where there is sky.
    """

    images: np.ndarray
    depth: np.ndarray


def photograph_pair(
    scene: Scene, left: Camera, right: Camera, height: int, width: int, rng: np.random.Generator
) -> StereoPair:
    """Renders both images with one exposure, which the left one sets, and without sensor noise."""
    views = [cast_samples(scene, camera, height, width) for camera in (left, right)]
    counts = [view.t.size for view in views]
    origin = np.concatenate([np.repeat(view.rays.origin, n, axis=1) for view, n in zip(views, counts, strict=True)], 1)
    direction = np.concatenate([view.rays.direction for view in views], axis=1)
    rays = Rays(origin, direction, views[0].rays.pixel_angle)
    t, nearest = np.concatenate([view.t for view in views]), np.concatenate([view.nearest for view in views])
    color = shade(scene, rays, t, nearest).color
    gain = EXPOSURE * exposure(color[:, : height * width], rng)
    display = np.split(tone(color * gain), [counts[0]], axis=1)
    images = [view.resolve(values) for view, values in zip(views, display, strict=True)]
    images = np.stack([(255 * image + 0.5).astype(np.uint8) for image in images])
    return StereoPair(images, np.stack([view.in_rows(view.t).reshape(height, width) for view in views]))
