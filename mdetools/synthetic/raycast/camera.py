"""Pinhole cameras and their rays: pixel centres at integer coordinates, x right, y down, z along the optical axis."""

from dataclasses import dataclass

import numpy as np

from mdetools.synthetic.raycast.primitives import rotate

__all__ = ["Camera", "Pose", "Rays", "pixel_grid", "upright_rotation"]


@dataclass(frozen=True, eq=False)
class Rays:
    """A bundle of N rays `origin + t * direction`, in the world.

    Attributes:
        origin: (3, 1), shared by all, or (3, N); float32, metres.
        direction: (3, N) float32, of any length.
        pixel_angle: angle in radians that a ray stands for; textures are filtered by it.
    """

    origin: np.ndarray
    direction: np.ndarray
    pixel_angle: float

    def at(self, t: np.ndarray) -> np.ndarray:
        """Points (3, N), world, at the ray parameters t (N,)."""
        return self.origin + t * self.direction


@dataclass(frozen=True, eq=False)
class Pose:
    """Where a sensor is: (3, 3) float32, its axes to the world's, and its position (3,) float32, metres."""

    rotation: np.ndarray
    position: np.ndarray


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera.

    Attributes:
        intrinsics: (3, 3) float32, pixels.
        rotation: (3, 3) float32, camera to world.
        position: (3,) float32, world, metres.
    """

    intrinsics: np.ndarray
    rotation: np.ndarray
    position: np.ndarray

    def rays(self, pixels: np.ndarray) -> Rays:
        """Rays through pixels (2, N), (u, v). The directions have camera z = 1: the ray parameter is the depth."""
        fx, fy, cx, cy = self.intrinsics[[0, 1, 0, 1], [0, 1, 2, 2]]
        local = np.stack([(pixels[0] - cx) / fx, (pixels[1] - cy) / fy, np.ones_like(pixels[0])])
        return Rays(self.position[:, None], rotate(self.rotation, local), float(1 / fx))

    def incidence(self, normal: np.ndarray, height: int, width: int) -> np.ndarray:
        """Cosine (H, W) of the angle between the rays of a whole image and the normals (3, H*W) of what they hit."""
        direction = self.rays(pixel_grid(height, width)).direction
        cosine = -(direction * normal).sum(axis=0) / np.sqrt((direction * direction).sum(axis=0))
        return cosine.reshape(height, width)


def pixel_grid(height: int, width: int, stride: int = 1) -> np.ndarray:
    """Pixel centres (2, N) float32, (u, v), row by row, every `stride`-th row and column."""
    v, u = np.mgrid[0:height:stride, 0:width:stride]
    return np.stack([u.ravel(), v.ravel()]).astype(np.float32)


def upright_rotation(yaw: float, pitch: float, roll: float = 0.0) -> np.ndarray:
    """Camera-to-world rotation (3, 3) float32, angles in radians.

    Args:
        yaw: direction of view on the ground, counter-clockwise from the world's x axis.
        pitch: upwards positive.
        roll: of the camera about its own z axis.
    """
    forward = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
    down = np.cross(forward, right)
    cos, sin = np.cos(roll), np.sin(roll)
    return np.stack([cos * right + sin * down, cos * down - sin * right, forward], axis=1).astype(np.float32)
