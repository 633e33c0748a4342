"""How wide a pixel is on the surface that it shows."""

from collections.abc import Callable

import numpy as np

from mdetools.synthetic.raycast.casting import dot
from mdetools.synthetic.raycast.primitives import Primitive

__all__ = ["Footprint", "anisotropic", "isotropic"]

# (shape, directions (3, N) unit, normals (3, N) unit, cosines (N,) of the two, widths (N,) across the ray in metres).
Footprint = Callable[[Primitive, np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]

MIN_COSINE = np.float32(0.05)  # of the angle of view, for a surface seen edge-on
MIN_COSINE_ALONG = np.float32(0.005)  # the same where it only widens the footprint along the line of sight
OPTICS = np.float32(1.35)  # blur of lens and colour mosaic, in pixels: what is resolved is sampled well enough to warp


def isotropic(
    shape: Primitive, direction: np.ndarray, normal: np.ndarray, cosine: np.ndarray, width: np.ndarray
) -> np.ndarray:
    """The longer axis of the pixel's ellipse on the surface, (N,) metres."""
    return width / np.maximum(np.abs(cosine), MIN_COSINE)


def anisotropic(
    shape: Primitive, direction: np.ndarray, normal: np.ndarray, cosine: np.ndarray, width: np.ndarray
) -> np.ndarray:
    """Widths (2, N), metres, of the pixel's ellipse along u and v of the surface: a road stays sharp across.

    On every shape u and v are the two directions square to the normal, of which u is square to the shape's own z axis
    too; on a face that is square to that axis itself, u is the shape's x axis.
    """
    (ax, ay, az), (nx, ny, nz) = shape.rotation[:, 2], normal
    u = (ay * nz - az * ny, az * nx - ax * nz, ax * ny - ay * nx)
    squared = dot(u, u)
    flat = squared < 0.0025  # the face is square to the axis
    # u lies in the surface, so that the line of sight needs no projection onto it.
    share = np.where(flat, dot(shape.rotation[:, 0], direction), dot(u, direction))
    share *= share / (np.where(flat, 1, squared) * np.maximum(1 - cosine * cosine, np.float32(1e-6)))
    share = np.minimum(share, 1)  # squared cosine between u and the line of sight on the surface
    long = np.square(1 / np.maximum(np.abs(cosine), MIN_COSINE_ALONG))
    return OPTICS * width * np.sqrt(np.stack([share * long + 1 - share, (1 - share) * long + share]))
