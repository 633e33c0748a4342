import numpy as np
import pytest

from mdetools.layouts.nyu import fitted_nyu_intrinsics
from mdetools.synthetic.raycast.camera import Camera, Rays, pixel_grid, upright_rotation
from mdetools.synthetic.raycast.photo import edge_mask, photograph, tile_order
from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Plane, Sphere
from mdetools.synthetic.raycast.rendering import LIGHT_SOFTENING, render
from mdetools.synthetic.raycast.scene import Light, Part, Scene
from mdetools.synthetic.raycast.textures import Plain

EYE = np.eye(3, dtype=np.float32)
GREY = Plain((0.5, 0.5, 0.5))


def floor(*parts, lights=(), ambient=0.0):
    scene_parts = [Part(Plane(EYE, np.zeros(3, np.float32)), GREY), *parts]
    return Scene(scene_parts, lights, np.full(3, ambient, np.float32))


def test_backprojected_wall_is_planar():
    wall = Plane(np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], np.float32), np.array([4, 0, 0], np.float32))  # x = 4
    camera = Camera(
        fitted_nyu_intrinsics(120, 160), upright_rotation(0.3, -0.2, 0.1), np.array([1, 2, 1.4], np.float32)
    )
    depth = render(Scene([Part(wall, GREY)], [], np.ones(3)), camera.rays(pixel_grid(120, 160))).t.astype(np.float64)
    (fx, _, cx), (_, fy, cy) = camera.intrinsics[:2].astype(np.float64)
    v, u = np.mgrid[0:120, 0:160]
    points = np.stack([(u.ravel() - cx) / fx, (v.ravel() - cy) / fy, np.ones(120 * 160)]) * depth
    world = camera.rotation.astype(np.float64) @ points + camera.position[:, None]
    np.testing.assert_allclose(world[0], 4, atol=1e-4)
    assert np.ptp(depth) > 0.5


def test_upright_rotation_looks_up_for_positive_pitch_and_is_a_rotation():
    rotation = upright_rotation(0.5, 0.3, 0.2).astype(np.float64)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(rotation[2, 2], np.sin(0.3), rtol=1e-5)
    assert upright_rotation(0, 0)[2, 1] == -1  # the camera's y axis points down


def test_lambert_and_fall_off():
    lamp = Light(np.array([0.0, 0.0, 2.0], np.float32), np.array([3.0, 2.0, 1.0], np.float32))
    x = np.array([0.0, 1.0, 2.5])
    down = np.stack([x * 0.1, x * 0, -np.ones(3)]).astype(np.float32)
    hits = render(floor(lights=[lamp], ambient=0.2), Rays(np.array([[0], [0], [10]], np.float32), down, 0.001))
    squared = x**2 + 4
    expected = 0.5 * (0.2 + np.array([[3], [2], [1]]) * (2 / np.sqrt(squared)) / (squared + LIGHT_SOFTENING))
    np.testing.assert_allclose(hits.color, expected, rtol=1e-4)
    np.testing.assert_allclose(hits.normal, [[0] * 3, [0] * 3, [1] * 3], atol=1e-6)


def test_shadow_lies_where_the_ball_blocks_the_lamp():
    ball = Part(Sphere(EYE, np.array([0, 0, 1], np.float32), 0.3), GREY)
    lamp = Light(np.array([0.0, 0.0, 3.0], np.float32), np.ones(3, np.float32))
    # The tangent cone from 2 m above the centre meets the floor in a circle of this radius.
    radius = 3 * np.tan(np.arcsin(0.3 / 2))
    x = np.array([radius - 0.02, radius + 0.02], np.float32)
    from_below = Rays(np.array([[2], [0], [0.05]], np.float32), np.stack([x - 2, x * 0, x * 0 - 0.05]), 0.001)
    hits = render(floor(ball, lights=[lamp]), from_below)
    assert hits.color[0, 0] == 0
    assert hits.color[0, 1] > 0.01


def test_miss_is_infinite_and_shows_the_sky():
    scene = Scene([Part(Sphere(EYE, np.array([0, 0, 5], np.float32), 1.0), GREY)], [], np.ones(3), sky=(0.1, 0.2, 0.3))
    hits = render(scene, Rays(np.zeros((3, 1), np.float32), np.array([[0, 5], [0, 0], [1, 1]], np.float32), 0.001))
    np.testing.assert_allclose(hits.t, [4, np.inf])
    np.testing.assert_array_equal(hits.part, [0, -1])
    np.testing.assert_allclose(hits.color[:, 1], [0.1, 0.2, 0.3])


def test_photograph_keeps_the_pixel_order():
    box = Part(Box(EYE, np.array([3, 0.8, 0.3], np.float32), (0.2, 0.2, 0.3)), GREY)
    camera = Camera(fitted_nyu_intrinsics(50, 70), upright_rotation(0.0, -0.2), np.array([0, 0, 1], np.float32))
    scene = floor(box, ambient=1.0)
    _, hits = photograph(scene, camera, 50, 70, np.random.default_rng(0))
    plain = render(scene, camera.rays(pixel_grid(50, 70)))
    np.testing.assert_array_equal(hits.part, plain.part)
    np.testing.assert_array_equal(hits.t, plain.t)
    assert (hits.part == 1).sum() > 20
    assert sorted(tile_order(50, 70)) == list(range(3500))


def test_edge_mask_marks_both_sides():
    labels = np.zeros((4, 6), int)
    labels[:, 3:] = 1
    np.testing.assert_array_equal(edge_mask(labels)[0], [False, False, True, True, False, False])
