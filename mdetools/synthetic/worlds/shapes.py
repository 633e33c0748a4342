"""Shapes at any angle: boxes, balls, rods, polyhedra, cones and sheets, each about the origin."""

import numpy as np

from mdetools.synthetic.raycast.polyhedra import Box, ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import Cylinder, Primitive, Sphere, rotation_z
from mdetools.synthetic.raycast.solids import place_at

__all__ = ["any_shape", "cone", "facing_rotation", "random_rotation", "tilted_rotation"]


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    """A rotation (3, 3) float32, each as likely as any other (QR of normal numbers)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q *= np.sign(np.diag(r))
    q[:, 0] *= np.sign(np.linalg.det(q))
    return q.astype(np.float32)


def tilted_rotation(rng: np.random.Generator, tilt: float) -> np.ndarray:
    """A rotation (3, 3) float32 by any angle about the vertical, then by about `tilt` radians about a level axis."""
    yaw, angle, axis = rng.uniform(0, 2 * np.pi), rng.normal(0, tilt), rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    x, y = np.cos(axis), np.sin(axis)
    cross = np.array([[0, 0, y], [0, 0, -x], [-y, x, 0]])
    return ((np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross) @ turn).astype(np.float32)


def facing_rotation(rng: np.random.Generator) -> np.ndarray:
    """A rotation (3, 3) float32 of a sheet that more or less faces a camera along y, turned and leaning."""
    yaw, lean, spin = rng.normal(0, 0.6), rng.normal(0, 0.4), rng.normal(0, 0.5)
    about_x = np.array([[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]])
    about_y = np.array([[np.cos(spin), 0, np.sin(spin)], [0, 1, 0], [-np.sin(spin), 0, np.cos(spin)]])
    return (rotation_z(yaw) @ about_x @ about_y).astype(np.float32)


def cone(rotation: np.ndarray, position: np.ndarray, radius: float, height: float, sides: int) -> ConvexPolyhedron:
    """A pyramid of so many sides, with its base at the position and its tip `height` metres along the local z axis."""
    angle = np.arange(sides) * 2 * np.pi / sides
    slope = np.array([height, radius]) / np.hypot(height, radius)
    walls = np.stack([slope[0] * np.cos(angle), slope[0] * np.sin(angle), np.full(sides, slope[1])], axis=1)
    normals = np.concatenate([walls, [[0, 0, -1]]]).astype(np.float32)
    offsets = np.array([slope[0] * radius] * sides + [0], np.float32)
    reach = float(np.hypot(height, radius / np.cos(np.pi / sides)))
    return ConvexPolyhedron(rotation, position, normals, offsets, reach)


def _stone(rng: np.random.Generator, rotation: np.ndarray, position: np.ndarray, radius: float) -> ConvexPolyhedron:
    """A polyhedron cut out of a cube by random planes."""
    cuts = rng.normal(size=(int(rng.integers(2, 9)), 3))
    cuts /= np.linalg.norm(cuts, axis=1, keepdims=True)
    normals = np.concatenate([np.eye(3), -np.eye(3), cuts]).astype(np.float32)
    half = radius / np.sqrt(3)
    offsets = np.concatenate([np.full(6, half), half * rng.uniform(0.6, 1.1, len(cuts))]).astype(np.float32)
    return ConvexPolyhedron(rotation, position, normals, offsets, radius)


def any_shape(rng: np.random.Generator, size: float, rotation: np.ndarray) -> Primitive:
    """A shape of about `size` metres across, turned so, about the origin."""
    centre, half, kind = place_at(0, 0, 0), size / 2, rng.uniform()
    if kind < 0.32:
        return Box(rotation, centre, tuple(float(half * side) for side in np.exp(rng.normal(0, 0.45, 3))))
    if kind < 0.42:  # a sheet: a book, a board, a picture
        wide, high = half * np.exp(rng.normal(0.2, 0.3, 2))
        return Box(rotation, centre, (float(wide), half * rng.uniform(0.01, 0.08), float(high)))
    if kind < 0.6:
        return Sphere(rotation, centre, float(half * rng.uniform(0.7, 1.1)))
    if kind < 0.75:
        return Cylinder(rotation, centre, float(half * rng.uniform(0.4, 1)), float(half * rng.uniform(0.3, 1.5)))
    if kind < 0.82:
        return Cylinder(rotation, centre, float(half * rng.uniform(0.03, 0.12)), float(half * rng.uniform(1.5, 4)))
    if kind < 0.9:
        return cone(rotation, centre, half * rng.uniform(0.5, 1), size * rng.uniform(0.7, 2), int(rng.integers(3, 12)))
    return _stone(rng, rotation, centre, size * rng.uniform(0.5, 0.8))
