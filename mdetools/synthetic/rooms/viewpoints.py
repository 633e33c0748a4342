"""Where a room is photographed from."""

import numpy as np

from mdetools.layouts.nyu import fitted_nyu_intrinsics
from mdetools.synthetic.raycast.camera import Camera, pixel_grid, upright_rotation
from mdetools.synthetic.raycast.casting import cast
from mdetools.synthetic.rooms.room import Room

__all__ = ["sample_camera"]

PROBE_STRIDE = 12  # pixels between the rays by which a camera is judged
MIN_DEPTH, MAX_DEPTH = 0.45, 9.9  # metres; what a frame may show, its nearest and farthest two per cent apart


def sample_camera(room: Room, rng: np.random.Generator, height: int, width: int) -> Camera:
    """Draws a camera of about NYU's focal length that sees a good part of the room, and nothing from too near."""
    probe = pixel_grid(height, width, max(PROBE_STRIDE * width // 320, 1))
    shapes = [part.shape for part in room.scene.parts]
    best, best_score = None, -np.inf
    for _ in range(40):
        camera = _draw_camera(room, rng, height, width)
        depth, seen = cast(shapes, camera.rays(probe))
        near, middle, far = np.quantile(depth, (0.02, 0.5, 0.98))
        variety = min(len(np.unique(seen)), 8)
        filled = np.bincount(seen).max() / seen.size
        score = variety - 20 * max(MIN_DEPTH - near, 0) - 20 * max(0.9 - middle, 0) - 20 * max(far - MAX_DEPTH, 0)
        score -= 20 * max(filled - 0.6, 0)
        if score > best_score:
            best, best_score = camera, score
        if score >= 6:
            break
    return best


def _is_in_the_way(footprint: tuple, position: np.ndarray) -> bool:
    """Whether a camera stands in, or less than 0.2 m beside or above, a piece of furniture."""
    x0, y0, x1, y1, height = footprint
    x, y, z = position
    return x0 - 0.2 < x < x1 + 0.2 and y0 - 0.2 < y < y1 + 0.2 and z < height + 0.2


def _draw_camera(room: Room, rng: np.random.Generator, height: int, width: int) -> Camera:
    """One camera: anywhere above the furniture, looking across the room or at a piece of furniture."""
    position = np.zeros(3, np.float32)
    for _ in range(20):
        position[:2] = rng.uniform(0.25, np.array(room.size[:2]) - 0.25)
        position[2] = np.clip(rng.normal(1.3, 0.12), 1.0, 1.7)
        if not any(_is_in_the_way(footprint, position) for footprint in room.footprints):
            break
    # Across the room: towards a point on its other side.
    target = np.array(room.size[:2]) * rng.uniform(0.2, 0.8, 2)
    centre = np.array(room.size[:2]) / 2
    offset = target + (centre - position[:2]) - position[:2]
    yaw = np.arctan2(offset[1], offset[0]) + rng.normal(0, 0.25)
    rotation = upright_rotation(yaw, rng.normal(-0.26, 0.08), rng.normal(0, 0.02))
    return Camera(fitted_nyu_intrinsics(height, width, float(rng.uniform(0.96, 1.04))), rotation, position)
