import numpy as np
import pytest

from mdetools.synthetic.raycast.camera import Rays, upright_rotation
from mdetools.synthetic.raycast.casting import cast
from mdetools.synthetic.raycast.polyhedra import Box, ConvexPolyhedron
from mdetools.synthetic.raycast.primitives import Cylinder, Plane, Sphere, rotation_z

ROTATION = upright_rotation(0.7, 0.4, 0.3)  # general: no axis stays an axis
POSITION = np.array([0.4, -0.3, 6.0], np.float32)


def random_rays(spread=0.35, count=20000, seed=0):
    """Rays from the origin around +z, with z = 1, float32; the formulas below see the same rays in float64."""
    direction = np.random.default_rng(seed).uniform(-spread, spread, (3, count)).astype(np.float32)
    direction[2] = 1
    return Rays(np.zeros((3, 1), np.float32), direction, 0.0)


def to_local(rays):
    rotation = ROTATION.astype(np.float64)
    origin = rotation.T @ (rays.origin.astype(np.float64) - POSITION.astype(np.float64)[:, None])
    return origin, rotation.T @ rays.direction.astype(np.float64)


def check(shape, expected, rays):
    """Distances agree to 0.1 mm, and hit and miss for all but rays that graze the outline."""
    t, index = cast([shape], rays)
    hit = np.isfinite(expected)
    assert 0.02 < hit.mean() < 0.98
    assert ((index == 0) != hit).mean() < 1e-3
    both = hit & (index == 0)
    # A grazing ray's distance is ill-conditioned: its error is that of a point on the surface, over the cosine.
    normal, _ = shape.surface(rays.at(t[None])[:, both])
    direction = rays.direction[:, both] / np.linalg.norm(rays.direction[:, both], axis=0)
    cosine = np.abs((normal * direction).sum(axis=0))
    error = np.abs(t[both] - expected[both])
    assert error[cosine > 0.1].max() < 1e-4
    np.testing.assert_allclose(np.linalg.norm(normal, axis=0), 1, atol=1e-5)


def interval(conditions):
    near, far = np.max([low for low, _ in conditions], axis=0), np.min([high for _, high in conditions], axis=0)
    return np.where((near <= far) & (near > 0), near, np.inf)


def quadratic(origin, direction, radius):
    a, b = (direction**2).sum(axis=0), (origin * direction).sum(axis=0)
    root = b * b - a * ((origin**2).sum(axis=0) - radius**2)
    with np.errstate(invalid="ignore"):
        half = np.sqrt(root)
    return np.where(root > 0, (-b - half) / a, np.inf), np.where(root > 0, (-b + half) / a, -np.inf)


def slab(origin, direction, half):
    ends = np.stack([(-half - origin) / direction, (half - origin) / direction])
    return ends.min(axis=0), ends.max(axis=0)


def test_sphere_distance():
    rays = random_rays()
    check(Sphere(ROTATION, POSITION, 0.9), interval([quadratic(*to_local(rays), 0.9)]), rays)


def test_cylinder_distance():
    rays = random_rays()
    origin, direction = to_local(rays)
    expected = interval([quadratic(origin[:2], direction[:2], 0.5), slab(origin[2], direction[2], 0.8)])
    check(Cylinder(ROTATION, POSITION, 0.5, 0.8), expected, rays)


def test_box_distance():
    rays, half = random_rays(), (0.5, 0.9, 0.3)
    origin, direction = to_local(rays)
    expected = interval([slab(origin[axis], direction[axis], half[axis]) for axis in range(3)])
    check(Box(ROTATION, POSITION, half), expected, rays)


def test_thin_far_box_is_not_lost_by_the_bounds():
    rays, half = random_rays(), (1.8, 0.01, 0.01)
    origin, direction = to_local(rays)
    expected = interval([slab(origin[axis], direction[axis], half[axis]) for axis in range(3)])
    _, index = cast([Box(ROTATION, POSITION, half)], rays)
    assert np.isfinite(expected).sum() > 20
    assert ((index == 0) == np.isfinite(expected)).mean() > 0.9995


def test_wedge_distance():
    normals = np.array([[1, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 0, -1], [0, 0.6, 0.8]], np.float32)
    offsets = np.array([0.5, 0.5, 0.4, 0.3, 0.25], np.float32)
    rays = random_rays()
    origin, direction = to_local(rays)
    bounds = []
    for normal, offset in zip(normals.astype(np.float64), offsets.astype(np.float64), strict=True):
        t = (offset - normal @ origin) / (normal @ direction)
        entering = normal @ direction < 0
        bounds.append((np.where(entering, t, -np.inf), np.where(entering, np.inf, t)))
    check(ConvexPolyhedron(ROTATION, POSITION, normals, offsets, 2.0), interval(bounds), rays)


def test_slanted_plane_distance():
    rays = random_rays(spread=1.5)
    normal = ROTATION[:, 2].astype(np.float64)
    expected = (normal @ POSITION.astype(np.float64)) / (normal @ rays.direction.astype(np.float64))
    expected = np.where(expected > 0, expected, np.inf)
    t, index = cast([Plane(ROTATION, POSITION)], rays)
    assert 0 < np.isinf(expected).sum() < 20000
    np.testing.assert_array_equal(index == 0, np.isfinite(expected))
    near = expected < 50
    np.testing.assert_allclose(t[near], expected[near], rtol=1e-4)


def test_nearest_of_many_and_per_ray_origins():
    rng = np.random.default_rng(1)
    centres = rng.uniform((-2, -2, 3), (2, 2, 8), (30, 3)).astype(np.float32)
    shapes = [Sphere(np.eye(3, dtype=np.float32), centre, 0.4) for centre in centres]
    rays = random_rays(spread=0.6, count=5003)
    every = []
    for shape in shapes:
        origin = -shape.position.astype(np.float64)[:, None]
        every.append(interval([quadratic(origin, rays.direction.astype(np.float64), 0.4)]))
    t, index = cast(shapes, rays)
    agree = index == np.where(np.isfinite(np.min(every, axis=0)), np.argmin(every, axis=0), -1)
    assert agree.mean() > 0.998
    spread = Rays(np.zeros_like(rays.direction), rays.direction, 0.0)
    t_spread, index_spread = cast(shapes, spread)
    np.testing.assert_array_equal(index, index_spread)
    np.testing.assert_allclose(t, t_spread, rtol=1e-6)


def test_from_inside_a_solid_the_exit_is_hit():
    rays = random_rays(spread=1.0)
    box = Box(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), (1.0, 1.0, 2.0))
    t, _ = cast([box], rays)
    np.testing.assert_allclose(t, 1 / np.maximum(np.abs(rays.direction[:2]).max(axis=0), 0.5), rtol=1e-5)


@pytest.mark.parametrize("yaw", [0.0, np.pi / 2, 1.1])
def test_surface_coordinates_are_metric(yaw):
    box = Box(rotation_z(yaw), np.array([1, 2, 3], np.float32), (0.4, 0.5, 0.6))
    local = np.array([[0.4, 0.4], [-0.1, 0.2], [0.3, -0.2]])  # two points on the +x face
    points = (rotation_z(yaw).astype(np.float64) @ local + np.array([[1], [2], [3]])).astype(np.float32)
    normal, uv = box.surface(points)
    np.testing.assert_allclose(normal, np.repeat([[np.cos(yaw)], [np.sin(yaw)], [0]], 2, axis=1), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(uv[:, 0] - uv[:, 1]), np.hypot(0.3, 0.5), rtol=1e-5)


def test_cylinder_coordinates_are_arc_length():
    cylinder = Cylinder(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 0.5, 1.0)
    angle = np.array([0.2, 1.4])
    points = np.stack([0.5 * np.cos(angle), 0.5 * np.sin(angle), [0.1, 0.1]]).astype(np.float32)
    _, uv = cylinder.surface(points)
    np.testing.assert_allclose(uv[0, 1] - uv[0, 0], 0.5 * 1.2, rtol=1e-5)
