import numpy as np
import pytest

from mdetools.synthetic.raycast import Box, ConvexPolyhedron, Cylinder, Plane, Sphere
from mdetools.synthetic.worlds import KINDS, SHARES, photograph_view, sample_view
from mdetools.synthetic.worlds.lenses import aim, sample_lens
from mdetools.synthetic.worlds.shapes import random_rotation, tilted_rotation
from mdetools.synthetic.worlds.surfaces import any_surface

AREA = 48 * 64


def outside(shape, points):
    """How far outside a shape points (3, N) lie along some axis of it, metres, float64; negative within."""
    x = shape.rotation.T.astype(np.float64) @ (points - shape.position[:, None])
    if isinstance(shape, Plane):
        return x[2]
    if isinstance(shape, Sphere):
        return np.linalg.norm(x, axis=0) - shape.radius
    if isinstance(shape, Box):
        return (np.abs(x) - np.array(shape.half_size)[:, None]).max(axis=0)
    if isinstance(shape, Cylinder):
        return np.maximum(np.hypot(x[0], x[1]) - shape.radius, np.abs(x[2]) - shape.half_height)
    assert isinstance(shape, ConvexPolyhedron), shape
    return (shape.normals.astype(np.float64) @ x - shape.offsets[:, None]).max(axis=0)


@pytest.mark.parametrize("kind", KINDS)
def test_depth_is_that_of_the_first_surface_on_the_ray(kind):
    view = sample_view(np.random.default_rng(3), AREA, {kind: 1})
    _, depth = photograph_view(view, np.random.default_rng(4))
    camera, shapes = view.camera, [part.shape for part in view.scene.parts]
    position = camera.position.astype(np.float64)
    assert depth.shape == view.size
    for v, u in np.random.default_rng(5).integers((0, 0), view.size, (40, 2)):
        ray = np.linalg.inv(camera.intrinsics.astype(np.float64)) @ (u, v, 1)
        direction = camera.rotation.astype(np.float64) @ ray
        reach = min(depth[v, u], 300.0)
        point = (position + reach * direction)[:, None]
        slack = 1e-4 * (1 + reach)
        if np.isfinite(depth[v, u]) and depth[v, u] < 300:
            assert min(abs(outside(shape, point)[0]) for shape in shapes) < slack
        # Nothing solid on the way, seen at points a thousandth of it apart; the camera stands in the open.
        before = position[:, None] + direction[:, None] * np.linspace(0, reach - slack, 1000)
        assert all(outside(shape, before).min() > -slack for shape in shapes)


def test_frames_depend_on_the_seed_alone_and_show_every_kind():
    pictures = [photograph_view(sample_view(rng, AREA), rng) for rng in (np.random.default_rng(s) for s in (1, 1, 2))]
    np.testing.assert_array_equal(pictures[0][0], pictures[1][0])
    np.testing.assert_array_equal(pictures[0][1], pictures[1][1])
    assert pictures[2][1].shape != pictures[0][1].shape or (pictures[2][1] != pictures[0][1]).any()
    assert [*SHARES] == [*KINDS]
    assert sum(SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize("kind", KINDS)
def test_views_show_several_things_at_several_distances(kind):
    for seed in range(6):
        view = sample_view(np.random.default_rng([7, seed]), AREA, {kind: 1})
        image, depth = photograph_view(view, np.random.default_rng(seed))
        seen = depth[np.isfinite(depth)].astype(np.float64)
        near, far = np.quantile(seen, (0.05, 0.95))
        assert far > 1.1 * near
        assert seen.size > 0.15 * depth.size
        assert image.std() > 2


def test_cameras_that_look_down_do_so_and_still_lifes_are_seen_nearly_level():
    def pitches(kind):
        views = [sample_view(np.random.default_rng([3, seed]), AREA, {kind: 1}) for seed in range(12)]
        return np.degrees([np.arcsin(view.camera.rotation[2, 2]) for view in views])  # of the line of sight, up

    assert pitches("looking_down").max() < -14
    assert -45 < np.median(pitches("looking_down")) < -20
    still = pitches("still_life")
    assert -30 < still.min() < still.max() < 0


def test_lenses_have_the_area_the_format_and_the_angle_asked_for():
    rng = np.random.default_rng(0)
    lenses = [sample_lens(rng, 160 * 224, wide=0.5, fov=(35, 80)) for _ in range(400)]
    aspects = np.array([lens.width / lens.height for lens in lenses])
    angles = np.degrees([2 * np.arctan(np.hypot(*lens.half_view)) for lens in lenses])
    assert 0.4 < (aspects > 1.9).mean() < 0.6
    assert aspects.min() < 0.75
    assert aspects.max() > 3
    assert 35 <= angles.min() < angles[aspects < 1.9].max() <= 80 < angles.max()
    areas = np.array([lens.width * lens.height for lens in lenses])
    assert 0.9 < areas.min() / (160 * 224) < areas.max() / (160 * 224) < 1.1


def test_aim_looks_at_the_target_and_rolls_about_the_line_of_sight():
    eye, target = np.array([1.0, 2.0, 1.5]), np.array([3.0, -1.0, 0.2])
    rotation = aim(eye, target, 0.3).astype(np.float64)
    np.testing.assert_allclose(rotation[:, 2], (target - eye) / np.linalg.norm(target - eye), atol=1e-6)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-6)
    level = aim(eye, target, 0).astype(np.float64)
    assert level[2, 0] == pytest.approx(0, abs=1e-6)  # the picture's rows are level
    cosine, sine = level[:, :2].T @ rotation[:, 0]
    assert np.arctan2(sine, cosine) == pytest.approx(0.3, abs=1e-6)


def test_rotations_are_rotations():
    rng = np.random.default_rng(1)
    for rotation in (random_rotation(rng), tilted_rotation(rng, 0.5), tilted_rotation(rng, 0.0)):
        np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-6)
        assert np.linalg.det(rotation) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(tilted_rotation(rng, 0.0)[:, 2], (0, 0, 1), atol=1e-7)  # no tilt: about the vertical


def test_surfaces_are_albedos_and_fade_to_their_mean_far_away():
    rng = np.random.default_rng(2)
    uv = rng.uniform(-2, 2, (2, 500)).astype(np.float32)
    for _ in range(60):
        surface = any_surface(rng, 1.0)
        albedo = surface(uv, np.full(500, 1e-3, np.float32))
        assert albedo.shape == (3, 500)
        assert 0 <= albedo.min() <= albedo.max() <= 1.5
