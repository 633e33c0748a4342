import numpy as np
import pytest
import torch
from support.street_pair import street_pair

from mdetools.geometry import warp_horizontally
from mdetools.synthetic.raycast.camera import pixel_grid
from mdetools.synthetic.raycast.photo import cast_samples
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
