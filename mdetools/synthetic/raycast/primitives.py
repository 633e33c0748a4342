"""Round solids and planes that a ray meets exactly: hit distance, normal and metric surface coordinates.

World frame: right-handed, z up, metres. N points are stored as (3, N), so that each coordinate is contiguous.
A ray is `origin + t * direction`; the direction need not have unit length, and t counts in its lengths.
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = [
    "TINY",
    "Cylinder",
    "Plane",
    "Primitive",
    "Sphere",
    "first_hit",
    "project",
    "rotate",
    "rotation_z",
    "slab_interval",
]

TINY = np.float32(1e-20)  # added to a divisor: changes no ordinary value, and keeps 0 * inf (a NaN) away


_UNTURNED = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def rotate(matrix: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Applies a (3, 3) matrix to (3, N) vectors.

    Not by BLAS, which may round differently under other thread counts; the zeros and ones of an upright frame cost
    nothing.
    """
    weights = matrix.tolist()
    if weights == _UNTURNED:
        return vectors
    x, y, z = vectors
    rows = np.empty_like(vectors)
    for row, (a, b, c) in zip(rows, weights, strict=True):
        terms = [
            part if weight == 1 else np.float32(weight) * part for weight, part in ((a, x), (b, y), (c, z)) if weight
        ]
        row[:] = terms[0] if len(terms) == 1 else terms[0] + terms[1]
        if len(terms) == 3:
            row += terms[2]
    return rows


def project(axis: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Dot products (N,) of an axis (3,) with (3, N) vectors."""
    return axis[0] * vectors[0] + axis[1] * vectors[1] + axis[2] * vectors[2]


def rotation_z(yaw: float) -> np.ndarray:
    """Rotation (3, 3) float32 by `yaw` radians about the vertical axis, counter-clockwise seen from above."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], np.float32).round(7)


def first_hit(near: np.ndarray, far: np.ndarray) -> np.ndarray:
    """Entry of the interval [near, far], its exit for an origin inside, inf where it is empty or behind."""
    return np.where((near <= far) & (far > 0), np.where(near > 0, near, far), np.float32(np.inf))


def _circle_interval(origin: np.ndarray, direction: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of t inside a circle or sphere at 0, from the closest approach (no cancellation, unlike b^2 - 4ac)."""
    inverse = 1 / (sum(component * component for component in direction) + TINY)
    closest = -sum(o * d for o, d in zip(origin, direction, strict=True)) * inverse
    miss_squared = sum((o + closest * d) ** 2 for o, d in zip(origin, direction, strict=True))
    half = (radius * radius - miss_squared) * inverse
    inside = half >= 0
    half = np.sqrt(np.where(inside, half, 0))
    return np.where(inside, closest - half, np.float32(np.inf)), np.where(inside, closest + half, -np.float32(np.inf))


def slab_interval(origin: np.ndarray, direction: np.ndarray, half: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of t within |coordinate| <= half (Kay and Kajiya, 1986)."""
    inverse = 1 / (direction + TINY)
    middle, reach = -origin * inverse, np.abs(inverse) * half
    return middle - reach, middle + reach


@dataclass(frozen=True, eq=False)
class Primitive:
    """A shape with its own frame.

    Attributes:
        rotation: (3, 3) float32, object to world.
        position: (3,) float32, the object's origin in the world, metres.
    """

    rotation: np.ndarray
    position: np.ndarray

    @property
    def bounding_radius(self) -> float:
        """Radius in metres of a sphere about `position` which holds the whole shape."""
        raise NotImplementedError

    def grown(self, margin: float) -> "Primitive":
        """A shape that holds every point within `margin` metres of this one."""
        raise NotImplementedError

    def intersect_local(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """As `intersect`, in the object's frame."""
        raise NotImplementedError

    def surface_local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `surface`, in the object's frame."""
        raise NotImplementedError

    def intersect(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Ray parameter of the first hit.

        Args:
            origin: (3, 1) or (3, N), world, metres.
            direction: (3, N), world, any length.

        Returns:
            (N,) t > 0, or inf for a miss. A ray that starts inside a solid hits it where it leaves.
        """
        inverse = self.rotation.T
        return self.intersect_local(rotate(inverse, origin - self.position[:, None]), rotate(inverse, direction))

    def surface(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outward unit normal (3, N), world, and surface coordinates (2, N), metres, at points (3, N) on the shape."""
        normal, uv = self.surface_local(rotate(self.rotation.T, points - self.position[:, None]))
        return rotate(self.rotation, normal), uv

    def moved(self, rotation: np.ndarray, translation: np.ndarray) -> "Primitive":
        """The same shape, rotated about the world's origin by (3, 3) and then shifted by (3,) metres."""
        position = (rotation @ self.position + translation).astype(np.float32)
        return replace(self, rotation=(rotation @ self.rotation).astype(np.float32), position=position)


@dataclass(frozen=True, eq=False)
class Plane(Primitive):
    """Infinite plane through `position`; its normal is the local z axis, its texture follows local x and y."""

    @property
    def bounding_radius(self) -> float:
        """Infinite."""
        return float("inf")

    @property
    def normal(self) -> np.ndarray:
        """Unit normal (3,), world."""
        return self.rotation[:, 2]

    def intersect(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """As in `Primitive`; needs no rotation into the local frame."""
        height = project(self.normal, self.position[:, None] - origin)
        t = height / (project(self.normal, direction) + TINY)
        return np.where(t > 0, t, np.float32(np.inf))

    def surface_local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Normal (0, 0, 1); the coordinates are x and y."""
        normal = np.zeros_like(points)
        normal[2] = 1
        return normal, points[:2]


@dataclass(frozen=True, eq=False)
class Sphere(Primitive):
    """Sphere about `position`; `radius` in metres."""

    radius: float

    @property
    def bounding_radius(self) -> float:
        """The radius."""
        return self.radius

    def grown(self, margin: float) -> "Sphere":
        """Larger by the margin on every side."""
        return replace(self, radius=self.radius + margin)

    def intersect_local(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """From the closest approach to the centre."""
        return first_hit(*_circle_interval(origin, direction, self.radius))

    def surface_local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates are arc lengths: longitude and latitude times the radius."""
        normal = points / self.radius
        longitude = np.arctan2(normal[1], normal[0])
        return normal, self.radius * np.stack([longitude, np.arcsin(np.clip(normal[2], -1, 1))])


@dataclass(frozen=True, eq=False)
class Cylinder(Primitive):
    """Closed cylinder along the local z axis; `radius` and `half_height` in metres."""

    radius: float
    half_height: float

    @property
    def bounding_radius(self) -> float:
        """Distance from the centre to the rim."""
        return float(np.hypot(self.radius, self.half_height))

    def grown(self, margin: float) -> "Cylinder":
        """Larger by the margin on every side."""
        return replace(self, radius=self.radius + margin, half_height=self.half_height + margin)

    def intersect_local(self, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """The interval inside the infinite cylinder, cut by the slab between the two lids."""
        near, far = _circle_interval(origin[:2], direction[:2], self.radius)
        low, high = slab_interval(origin[2], direction[2], self.half_height)
        return first_hit(np.maximum(near, low), np.minimum(far, high))

    def surface_local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates are arc length and height on the side, x and y on the lids."""
        x, y, z = points
        distance = np.hypot(x, y)
        lid = np.abs(np.abs(z) - self.half_height) < np.abs(distance - self.radius)
        scale = np.where(lid, 0, 1 / (distance + TINY))
        normal = np.stack([x * scale, y * scale, np.where(lid, np.sign(z), 0)])
        return normal, np.stack([np.where(lid, x, self.radius * np.arctan2(y, x)), np.where(lid, y, z)])
