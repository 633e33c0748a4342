"""From linear colours to a photograph: anti-aliased edges, exposure, tone curve, white balance, noise."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, Rays, pixel_grid
from mdetools.synthetic.raycast.casting import BUNDLE, cast
from mdetools.synthetic.raycast.rendering import Hits, shade
from mdetools.synthetic.raycast.scene import Scene

__all__ = ["Samples", "cast_samples", "develop", "edge_mask", "exposure", "photograph", "tile_order", "tone"]

# A rotated grid, so that edges near the horizontal and the vertical get three different coverages.
EDGE_OFFSETS = np.array([[0.35, -0.1], [-0.1, 0.35], [-0.3, -0.3]], np.float32)


def edge_mask(labels: np.ndarray) -> np.ndarray:
    """Pixels (H, W) bool of a label map (H, W) whose right or lower neighbour, or left or upper one, differs."""
    mask = np.zeros(labels.shape, bool)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    mask[:, 1:] |= across
    mask[:, :-1] |= across
    mask[1:] |= down
    mask[:-1] |= down
    return mask


@dataclass(frozen=True, eq=False)
class Samples:
    """What the rays of an image met: one through each pixel, and some more around its centre where objects meet.

    Attributes:
        rays: through the pixel centres in the order of `tile_order`, then the additional ones.
        t: their ray parameter, (N,).
        nearest: the part that they met, (N,).
        edges: positions, in that order, of the pixels with additional rays.
        size: (H, W).
    """

    rays: Rays
    t: np.ndarray
    nearest: np.ndarray
    edges: np.ndarray
    size: tuple[int, int]

    @property
    def count(self) -> int:
        """Number of pixels."""
        return self.size[0] * self.size[1]

    def resolve(self, display: np.ndarray) -> np.ndarray:
        """The image (3, H, W) from the display values (3, N) of all the rays."""
        color = display[:, : self.count].copy()
        color[:, self.edges] += display[:, self.count :].reshape(3, len(self.edges), len(EDGE_OFFSETS)).sum(axis=2)
        color[:, self.edges] /= 1 + len(EDGE_OFFSETS)
        return self.in_rows(color).reshape(3, *self.size)

    def in_rows(self, values: np.ndarray) -> np.ndarray:
        """Values (..., H*W), row by row, of the rays through the pixel centres, from those (..., N) of all the rays."""
        return _unordered(values[..., : self.count], tile_order(*self.size))


def cast_samples(scene: Scene, camera: Camera, height: int, width: int) -> Samples:
    """Casts the rays of an image."""
    shapes = [part.shape for part in scene.parts]
    order = tile_order(height, width)
    pixels = pixel_grid(height, width)[:, order]
    t, nearest = cast(shapes, camera.rays(pixels))
    edges = np.flatnonzero(edge_mask(_unordered(nearest, order).reshape(height, width)).ravel()[order])
    around = (pixels[:, edges, None] + EDGE_OFFSETS.T[:, None]).reshape(2, -1)
    t_around, nearest_around = cast(shapes, camera.rays(around))
    rays = camera.rays(np.concatenate([pixels, around], axis=1))
    return Samples(
        rays, np.concatenate([t, t_around]), np.concatenate([nearest, nearest_around]), edges, (height, width)
    )


def photograph(
    scene: Scene, camera: Camera, height: int, width: int, rng: np.random.Generator
) -> tuple[np.ndarray, Hits]:
    """Renders an image and develops it.

    Returns:
        The image (3, H, W) uint8, and the hits of the rays through the pixel centres, row by row: their `t` is the
        exact depth.
    """
    samples = cast_samples(scene, camera, height, width)
    hits = shade(scene, samples.rays, samples.t, samples.nearest)
    display = tone(hits.color * exposure(hits.color[:, : samples.count], rng))
    centres = Hits(*(samples.in_rows(field) for field in (hits.t, hits.part, hits.normal, hits.color)))
    return develop(samples.resolve(display), rng), centres


@cache
def tile_order(height: int, width: int, side: int = int(BUNDLE**0.5)) -> np.ndarray:
    """Order (H*W,) in which the pixels of a tile follow each other, so that consecutive rays lie close together."""
    v, u = np.divmod(np.arange(height * width), width)
    return np.lexsort((u, v, u // side, v // side))


def _unordered(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Undoes `values[..., order]`."""
    rows = np.empty_like(values)
    rows[..., order] = values
    return rows


def exposure(color: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Factor (3, 1) of an automatic exposure and white balance, each a little off."""
    bright = np.minimum(color.mean(axis=0), 4)
    balance = np.exp(rng.normal(0, 0.05, (3, 1)))
    return (rng.uniform(0.22, 0.5) / (0.5 * bright.mean() + 0.5 * np.median(bright) + 1e-3) * balance).astype(
        np.float32
    )


def tone(color: np.ndarray) -> np.ndarray:
    """Linear colour to display value in [0, 1]: a soft shoulder, then gamma."""
    return np.power(1 - np.exp(-1.4 * np.maximum(color, 0)), np.float32(1 / 2.2))


def develop(display: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Adds sensor noise to display values (3, H, W) in [0, 1]; gives uint8."""
    noise = rng.standard_normal(display.shape, dtype=np.float32) * np.float32(rng.uniform(0.5, 3.0))
    return np.clip(display * 255 + noise + 0.5, 0, 255).astype(np.uint8)
