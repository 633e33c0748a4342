import numpy as np

from mdetools.synthetic.raycast.camera import Rays, upright_rotation
from mdetools.synthetic.raycast.daylight import Daylight, in_shadow
from mdetools.synthetic.raycast.footprints import OPTICS, anisotropic
from mdetools.synthetic.raycast.polyhedra import Box
from mdetools.synthetic.raycast.primitives import Cylinder, Plane, Sphere, rotation_z
from mdetools.synthetic.raycast.rendering import render
from mdetools.synthetic.raycast.scene import Part, Scene
from mdetools.synthetic.raycast.textures import Plain

EYE = np.eye(3, dtype=np.float32)
ZERO = np.zeros(3, np.float32)


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
