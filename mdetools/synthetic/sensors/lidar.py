"""A spinning laser scanner of 64 beams, as on KITTI's car (Velodyne HDL-64E)."""

from dataclasses import replace

import numpy as np

from mdetools.synthetic.raycast.camera import Pose, Rays
from mdetools.synthetic.raycast.photo import tile_order
from mdetools.synthetic.raycast.primitives import rotate
from mdetools.synthetic.raycast.rendering import render
from mdetools.synthetic.raycast.scene import Scene

__all__ = ["beam_directions", "scan"]

# Two blocks of 32 lasers, degrees above the horizon: a third of a degree apart, and half a degree.
ELEVATIONS = np.concatenate([np.linspace(2.0, -8.33, 32), np.linspace(-8.83, -24.8, 32)])
AZIMUTH_STEP = 0.1728  # degrees, at ten turns per second
SECTOR = 45.0  # degrees to each side of straight ahead: what the cameras see
MAX_RANGE = 120.0  # metres
DIVERGENCE = 3e-3  # radians, of a beam


def beam_directions() -> np.ndarray:
    """Unit directions (3, 64, A) float32 in the scanner's frame: x forward, y left, z up; top beam first."""
    azimuth = np.radians(np.arange(SECTOR, -SECTOR, -AZIMUTH_STEP))
    elevation = np.radians(ELEVATIONS)[:, None]
    directions = [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth)]
    return np.stack([*directions, np.broadcast_to(np.sin(elevation), directions[0].shape)]).astype(np.float32)


def scan(scene: Scene, pose: Pose, noise: float = 0.0, rng: np.random.Generator | None = None) -> np.ndarray:
    """Scans a scene.

    Args:
        scene: what there is; its light plays no part.
        pose: of the scanner.
        noise: standard deviation of the range, metres.
        rng: source of the noise; needed only if there is some.

    Returns:
        (N, 4) float32: x, y, z in the scanner's frame, metres, and the reflectance, the mean albedo in [0, 1]. Rays
        that meet nothing within 120 m have no point.
    """
    beams = beam_directions()
    order = tile_order(*beams.shape[1:])
    directions = beams.reshape(3, -1)[:, order]
    rays = Rays(pose.position[:, None], rotate(pose.rotation, directions), DIVERGENCE)
    bare = replace(scene, lights=(), ambient=np.ones(3, np.float32), enclosure=(), sky=(0.0, 0.0, 0.0), daylight=None)
    hits = render(bare, rays)
    distance = hits.t if noise == 0 else hits.t + rng.normal(0, noise, hits.t.shape).astype(np.float32)
    met = hits.t < MAX_RANGE
    points = np.zeros((directions.shape[1], 4), np.float32)
    points[order[met], :3] = (directions[:, met] * distance[met]).T
    points[order[met], 3] = np.clip(hits.color[:, met].mean(axis=0), 0, 1)
    return points[np.sort(order[met])]
