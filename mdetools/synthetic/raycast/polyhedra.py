"""Solids with flat faces: boxes and convex polyhedra. Frames and conventions are those of `primitives`."""

from dataclasses import dataclass, replace

import numpy as np

from mdetools.synthetic.raycast.primitives import TINY, Primitive, first_hit, project, slab_interval

__all__ = ["Box", "ConvexPolyhedron"]


@dataclass(frozen=True, eq=False)
class Box(Primitive):
    """Box about `position`; `half_size` is (x, y, z) in metres along its own axes."""

    half_size: tuple[float, float, float]

    @property
    def bounding_radius(self) -> float:
        """Distance from the centre to a corner."""
        return float(np.linalg.norm(self.half_size))

    def grown(self, margin: float) -> "Box":
        """Larger by the margin on every side."""
        return replace(self, half_size=tuple(half + margin for half in self.half_size))

    def intersect_local(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """The slab method."""
        near, far = slab_interval(origin[0], direction[0], self.half_size[0])
        for axis in (1, 2):
            low, high = slab_interval(origin[axis], direction[axis], self.half_size[axis])
            near, far = np.maximum(near, low), np.minimum(far, high)
        return first_hit(near, far)

    def surface_local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates are the two in the face's plane; on a vertical face the second one is the height."""
        half = np.asarray(self.half_size, np.float32)[:, None]
        face = np.argmin(np.abs(np.abs(points) - half), axis=0)
        normal = np.where(face == np.arange(3)[:, None], np.sign(points), np.float32(0))
        return normal, np.stack([np.where(face == 0, points[1], points[0]), np.where(face == 2, points[1], points[2])])


@dataclass(frozen=True, eq=False)
class ConvexPolyhedron(Primitive):
    """The points with `normals @ x <= offsets` in the object's frame: wedges, roofs, prisms.

    Attributes:
        normals: (F, 3) float32, outward, unit.
        offsets: (F,) float32, metres.
        radius: of a sphere about `position` which holds the whole shape, metres.
    """

    normals: np.ndarray
    offsets: np.ndarray
    radius: float

    @property
    def bounding_radius(self) -> float:
        """The radius given."""
        return self.radius

    def grown(self, margin: float) -> "ConvexPolyhedron":
        """Larger by the margin on every side."""
        return replace(self, offsets=self.offsets + np.float32(margin), radius=self.radius + margin)

    def intersect_local(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Latest entry and earliest exit over the half-spaces (Cyrus and Beck, 1978)."""
        near, far = np.float32(-np.inf), np.float32(np.inf)
        for normal, offset in zip(self.normals, self.offsets, strict=True):
            speed = project(normal, direction) + TINY
            t = (offset - project(normal, origin)) / speed
            near = np.maximum(near, np.where(speed < 0, t, -np.float32(np.inf)))
            far = np.minimum(far, np.where(speed > 0, t, np.float32(np.inf)))
        return first_hit(near, far)

    def surface_local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates run along the face: horizontally, and up its slope."""
        face = np.argmax(np.einsum("fi,in->fn", self.normals, points) - self.offsets[:, None], axis=0)
        across = np.stack([-self.normals[:, 1], self.normals[:, 0], np.zeros(len(self.normals), np.float32)], axis=1)
        across[np.abs(self.normals[:, 2]) > 1 - 1e-6] = (1, 0, 0)
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        up = np.cross(self.normals, across).astype(np.float32)
        uv = np.stack([np.einsum("ni,in->n", axes[face], points) for axes in (across, up)])
        return self.normals[face].T, uv
