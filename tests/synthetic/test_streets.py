import numpy as np
import pytest
import torch
from support.street_pair import street_pair

from mdetools.geometry import warp_horizontally
from mdetools.synthetic.raycast.camera import Rays, kitti_intrinsics, pixel_grid, upright_rotation
from mdetools.synthetic.raycast.daylight import Daylight, in_shadow
from mdetools.synthetic.raycast.footprints import OPTICS, anisotropic
from mdetools.synthetic.raycast.photo import cast_samples
from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Cylinder, Plane, Sphere, rotation_z
from mdetools.synthetic.raycast.rendering import render
from mdetools.synthetic.raycast.scene import Part, Scene
from mdetools.synthetic.raycast.textures import Plain
from mdetools.synthetic.sensors.kitti_car import camera_at
from mdetools.synthetic.streets.plan import Course
from mdetools.synthetic.streets.street import NEAREST, sample_street
from mdetools.synthetic.streets.textures import Road

EYE = np.eye(3, dtype=np.float32)
ZERO = np.zeros(3, np.float32)


def synthesis_error(pair, disparity):
    """Mean of |right image warped by a disparity - left image| over the visible pixels, of 255."""
    right, disparity = torch.from_numpy(pair.right).double(), torch.from_numpy(disparity)
    warped, inside = warp_horizontally(right[None], disparity[None, None])
    return np.abs(warped[0].numpy() - pair.left).mean(axis=0)[pair.visible & inside[0, 0].numpy()].mean()


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_exact_disparity_warps_the_right_image_onto_the_left_one(seed):
    pair = street_pair(seed)
    error = synthesis_error(pair, pair.disparity)
    assert pair.visible.mean() > 0.85
    assert error < 2
    assert synthesis_error(pair, np.zeros_like(pair.disparity)) > 5 * error
    # The other sign, and a pixel too much, are far worse: the pictures tell one disparity from another.
    for wrong in (-pair.disparity, pair.disparity + 1):
        assert synthesis_error(pair, wrong) > 2 * error


def test_depth_of_the_ground_is_that_of_a_plane():
    street = sample_street(np.random.default_rng(4), 2)
    scene, pose = street.scene(1), street.poses[1]
    camera = camera_at(pose, 2, 94, 310)
    samples = cast_samples(scene, camera, 94, 310)
    depth, part = (samples.in_rows(values).astype(np.float64) for values in (samples.t, samples.nearest))
    u, v = pixel_grid(94, 310).astype(np.float64)
    (fx, _, cx), (_, fy, cy) = camera.intrinsics[:2].astype(np.float64)
    down = camera.rotation.astype(np.float64)[2] @ np.stack([(u - cx) / fx, (v - cy) / fy, np.ones(u.size)])
    ground = part == 0
    assert ground.mean() > 0.2
    np.testing.assert_allclose(depth[ground], -camera.position[2] / down[ground], rtol=2e-5)


def test_streets_are_deep_varied_and_keep_their_distance():
    medians, nearest, brightness = [], [], []
    for seed in range(8):
        street = sample_street(np.random.default_rng([1, seed]), 1)
        samples = cast_samples(street.scene(0), camera_at(street.poses[0], 2, 47, 155), 47, 155)
        depth = samples.in_rows(samples.t)
        seen = depth[np.isfinite(depth)]
        assert (seen > 40).sum() > 10
        assert len(np.unique(samples.nearest)) > 15
        medians.append(np.median(seen))
        nearest.append(seen.min())
        brightness.append(street_pair([1, seed], 47, 155).left.mean())
    assert min(nearest) > NEAREST - 1
    assert max(medians) > 1.2 * min(medians)
    assert min(brightness) > 40
    assert max(brightness) < 215


def test_course_keeps_its_offset_from_the_parabola():
    course, x = Course(1 / 200), 40.0
    point = course.point(x, 3.0).astype(np.float64)
    on_curve = np.array([x, x * x / 400])
    tangent = np.array([1, x / 200]) / np.hypot(1, x / 200)
    np.testing.assert_allclose(point[:2] - on_curve, 3 * np.array([-tangent[1], tangent[0]]), atol=1e-5)
    assert np.tan(course.heading(x)) == pytest.approx(x / 200)


def test_centre_line_follows_the_curve():
    white, grey, green = (1.0, 1.0, 1.0), (0.2, 0.2, 0.2), (0.0, 0.3, 0.0)
    road = Road(1 / 200, 4.0, Plain(grey), Plain(green), (8.0, 1.0), False, white, np.inf)
    points = np.stack([Course(1 / 200).point(30.0, offset)[:2] for offset in (0.0, 0.3, 3.7, 4.3)], axis=1)
    albedo = road(points, np.full((2, 4), 1e-3, np.float32))
    assert albedo[0, 0] > 0.6
    np.testing.assert_allclose(albedo[:, 1:], np.array([grey, grey, green]).T, atol=1e-5)


def shadow_rays(seed=0):
    rng = np.random.default_rng(seed)
    towards = np.array([0.3, -0.5, 0.8])
    towards = (towards / np.linalg.norm(towards)).astype(np.float32)
    x, y = (axis.ravel() for axis in np.mgrid[-6:6:0.2, -6:6:0.2])
    return np.stack([x, y, rng.uniform(0, 0.5, x.size)]).astype(np.float32), towards


def test_shadow_of_a_ball_under_the_sun():
    points, towards = shadow_rays()
    ball = Sphere(EYE, np.array([0.5, 0.2, 3.0], np.float32), 1.3)
    away = ball.position[:, None].astype(np.float64) - points
    along = towards.astype(np.float64) @ away
    miss = np.sqrt((away**2).sum(axis=0) - along**2)
    clear = np.abs(miss - 1.3) > 1e-4
    expected = (miss < 1.3) & (along > 0)
    assert 0.02 < expected.mean() < 0.5
    np.testing.assert_array_equal(in_shadow([ball], points, towards)[clear], expected[clear])


def test_grouped_shadows_agree_with_each_ray_alone():
    points, towards = shadow_rays(1)
    shapes = [Box(rotation_z(0.4), np.array([2, 1, 1], np.float32), (0.1, 2.0, 1.0))]
    shapes += [Cylinder(EYE, np.array([x, -x, 2], np.float32), 0.2, 2.0) for x in (-3, 0, 2)]
    expected = np.any([np.isfinite(shape.intersect(points, towards[:, None])) for shape in shapes], axis=0)
    assert 0.03 < expected.mean() < 0.9
    np.testing.assert_array_equal(in_shadow(shapes, points, towards), expected)


def test_sun_sky_and_haze_by_the_formula():
    sun, sky, ground = (np.array(color, np.float32) for color in ((2, 1.5, 1), (0.3, 0.4, 0.6), (0.1, 0.1, 0.2)))
    towards, haze = np.array([0.6, 0.0, 0.8], np.float32), np.array([0.5, 0.6, 0.7], np.float32)
    daylight = Daylight(towards, sun, sky, ground, haze, 100.0)
    wall = Plane(upright_rotation(np.pi, 0.0), np.array([20, 0, 0], np.float32))  # faces -x, away from the sun
    scene = Scene([Part(Plane(EYE, ZERO), Plain((0.5, 0.4, 0.3))), Part(wall, Plain((0.5, 0.5, 0.5)))], (), ZERO)
    scene = Scene(scene.parts, (), ZERO, (), (0.0, 0.0, 0.0), daylight)
    start = np.array([[0], [0], [3]], np.float32)
    hits = render(scene, Rays(start, np.array([[4, 1], [0, 0], [-3, 0]], np.float32), 1e-3))
    floor = np.array([0.5, 0.4, 0.3]) * (sun * 0.8 + sky)
    back = 0.5 * (sky + ground) / 2
    for color, albedo_light, reach in ((hits.color[:, 0], floor, 5), (hits.color[:, 1], back, 20)):
        share = np.exp(-reach / 100)
        np.testing.assert_allclose(color, albedo_light * share + haze * (1 - share), rtol=1e-4)


def test_footprint_is_the_pixel_cone_cut_by_the_surface():
    plane, height, angle = Plane(EYE, ZERO), 2.0, 1e-3
    for azimuth in (0.0, np.pi / 2):
        direction = np.array([3 * np.cos(azimuth), 3 * np.sin(azimuth), -height])
        reach = np.linalg.norm(direction)
        unit = (direction / reach).astype(np.float32)[:, None]
        normal = np.array([[0], [0], [1]], np.float32)
        cosine = (unit * normal).sum(axis=0)
        widths = anisotropic(plane, unit, normal, cosine, np.array([angle * reach], np.float32))[:, 0]
        across, along = OPTICS * angle * reach, OPTICS * angle * reach / (height / reach)
        expected = (along, across) if azimuth == 0 else (across, along)
        np.testing.assert_allclose(widths, expected, rtol=1e-4)


def test_intrinsics_are_kittis_at_full_size_and_scale_with_the_width():
    np.testing.assert_allclose(
        kitti_intrinsics(375, 1242), [[721.5377, 0, 609.5593], [0, 721.5377, 172.854], [0, 0, 1]], rtol=1e-6
    )
    half = kitti_intrinsics(188, 621)
    np.testing.assert_allclose(half[[0, 1], [0, 1]], 721.5377 / 2, rtol=1e-6)
    assert half[0, 2] == pytest.approx((609.5593 + 0.5) / 2 - 0.5, rel=1e-6)
    assert half[1, 2] == pytest.approx((172.854 + 0.5) / 2 - 0.5 + 0.25, rel=1e-6)  # 188 rows for 187.5
