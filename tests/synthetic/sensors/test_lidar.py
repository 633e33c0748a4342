import numpy as np
import pytest

from mdetools.synthetic.raycast.camera import Pose, pixel_grid, upright_rotation
from mdetools.synthetic.raycast.casting import cast
from mdetools.synthetic.raycast.primitives import Plane
from mdetools.synthetic.raycast.scene import Part, Scene
from mdetools.synthetic.raycast.textures import Checker, Plain
from mdetools.synthetic.sensors.kitti_car import camera_at, velodyne_at, velodyne_depth
from mdetools.synthetic.sensors.lidar import ELEVATIONS, MAX_RANGE, beam_directions, scan
from mdetools.synthetic.streets.street import sample_street

EYE = np.eye(3, dtype=np.float32)


def flat_ground(texture):
    return Scene([Part(Plane(EYE, np.zeros(3, np.float32)), texture)], (), np.zeros(3, np.float32))


def test_beams_are_those_of_the_scanner():
    beams = beam_directions().astype(np.float64)
    np.testing.assert_allclose(np.linalg.norm(beams, axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(np.degrees(np.arcsin(beams[2, :, 0])), ELEVATIONS, atol=1e-4)
    assert len(ELEVATIONS) == 64
    assert (ELEVATIONS[0], ELEVATIONS[-1]) == (2.0, -24.8)
    azimuth = np.degrees(np.arctan2(beams[1, 0], beams[0, 0]))
    assert azimuth[0] == pytest.approx(45)  # y is to the left
    np.testing.assert_allclose(np.diff(azimuth), -0.1728, atol=1e-3)


def test_flat_ground_by_the_formula():
    points = scan(flat_ground(Plain((0.2, 0.3, 0.4))), Pose(EYE, np.array([3, 1, 1.73], np.float32))).astype(np.float64)
    np.testing.assert_allclose(points[:, 2], -1.73, atol=1e-4)
    np.testing.assert_allclose(points[:, 3], 0.3, atol=1e-5)
    distance = np.linalg.norm(points[:, :3], axis=1)
    assert 90 < distance.max() < MAX_RANGE
    down = np.sin(np.radians(ELEVATIONS))
    assert (
        len(points) == beam_directions().shape[2] * ((down < 0) & (-1.73 / np.minimum(down, -1e-9) < MAX_RANGE)).sum()
    )


def test_reflectance_is_the_albedo_at_the_point():
    dark, light = (0.1, 0.1, 0.1), (0.7, 0.7, 0.7)
    points = scan(flat_ground(Checker(2.0, dark, light)), Pose(EYE, np.array([0, 0, 1.73], np.float32)))
    x, y = points[:, 0].astype(float), points[:, 1].astype(float)
    inner = (np.abs(x / 2 - np.round(x / 2)) > 0.1) & (np.abs(y / 2 - np.round(y / 2)) > 0.1) & (x < 8)
    same = np.floor(x / 2) % 2 == np.floor(y / 2) % 2
    assert inner.sum() > 1000
    np.testing.assert_allclose(points[inner, 3], np.where(same, 0.7, 0.1)[inner], atol=1e-3)


def test_noise_is_along_the_beam():
    scene, pose = flat_ground(Plain((0.5, 0.5, 0.5))), Pose(EYE, np.array([0, 0, 1.73], np.float32))
    exact, noisy = scan(scene, pose), scan(scene, pose, 0.02, np.random.default_rng(0))
    ranges = [np.linalg.norm(points[:, :3].astype(np.float64), axis=1) for points in (exact, noisy)]
    assert (ranges[1] - ranges[0]).std() == pytest.approx(0.02, rel=0.03)
    unit = [points[:, :3] / one[:, None] for points, one in zip((exact, noisy), ranges, strict=True)]
    np.testing.assert_allclose(unit[0], unit[1], atol=1e-5)


def test_points_lie_where_the_left_camera_sees_their_depth():
    errors = []
    for seed in (0, 3):
        street = sample_street(np.random.default_rng(seed), 1)
        scene, pose = street.scene(0), street.poses[0]
        sparse = velodyne_depth(scan(scene, velodyne_at(pose)), 188, 620)
        rays = camera_at(pose, 2, 188, 620).rays(pixel_grid(188, 620))
        exact = cast([part.shape for part in scene.parts], rays)[0].reshape(188, 620)
        known = (sparse > 0) & (sparse < 80)
        assert 0.05 < known.mean() < 0.4
        errors.append(np.abs(sparse - exact)[known])
        # What the velodyne sees past an edge, from its place above the cameras, is another surface.
        assert (errors[-1] / sparse[known] < 0.05).mean() > 0.9
    assert np.median(np.concatenate(errors)) < 0.06


def test_rays_of_the_scanner_back_to_the_camera_meet_nothing_nearer():
    # To 2 cm, at the very pixel position of each point and not at the next pixel's centre.
    street = sample_street(np.random.default_rng(0), 1)
    scene, pose = street.scene(0), street.poses[0]
    points = scan(scene, velodyne_at(pose)).astype(np.float64)
    velodyne, camera = velodyne_at(pose), camera_at(pose, 2, 188, 620)
    world = velodyne.rotation.astype(np.float64) @ points[:, :3].T + velodyne.position[:, None]
    seen = camera.rotation.T.astype(np.float64) @ (world - camera.position[:, None])
    (fx, _, cx), (_, fy, cy) = camera.intrinsics[:2].astype(np.float64)
    pixels = np.stack([fx * seen[0] / seen[2] + cx, fy * seen[1] / seen[2] + cy])
    inside = (seen[2] > 1) & (pixels >= 0).all(axis=0) & (pixels[0] < 619) & (pixels[1] < 187)
    rays = camera.rays(pixels[:, inside].astype(np.float32))
    error = np.abs(cast([part.shape for part in scene.parts], rays)[0] - seen[2, inside])
    assert inside.sum() > 10000
    assert np.median(error) < 0.02
    assert (error < 0.02).mean() > 0.9


def test_velodyne_sits_where_kitti_has_it():
    pose = Pose(upright_rotation(0.0, 0.0), np.array([0, 0, 1.65], np.float32))
    velodyne = velodyne_at(pose)
    np.testing.assert_allclose(velodyne.rotation, EYE, atol=0.03)  # x forward, y left, z up
    np.testing.assert_allclose(velodyne.position, [-0.27, 0.0, 1.65 + 0.08], atol=0.02)
