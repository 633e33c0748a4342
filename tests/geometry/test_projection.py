import numpy as np
import pytest
from support.kitti_layout import DATE, HEIGHT, WIDTH, projected, scan_points, write_calibration

from mdetools.geometry import project_points
from mdetools.layouts.kitti_calibration import read_velodyne_projections


@pytest.fixture
def projections(tmp_path):
    write_calibration(tmp_path)
    return read_velodyne_projections(tmp_path / DATE)


@pytest.mark.parametrize("camera", [2, 3])
@pytest.mark.parametrize("offset", [0, 1])
def test_projection_point_by_point(projections, camera, offset):
    points = scan_points(seed=camera, count=4000)
    depth = project_points(points, projections[camera], HEIGHT, WIDTH, offset)
    expected = projected(points, camera, offset=offset)
    assert 300 < (expected > 0).sum() < 4000
    np.testing.assert_array_equal(depth > 0, expected > 0)
    np.testing.assert_allclose(depth, expected, rtol=1e-6)
    assert depth.dtype == np.float32


def test_offset_moves_left_and_up(projections):
    points = scan_points(count=4000)
    plain, moved = (project_points(points, projections[2], HEIGHT, WIDTH, offset) for offset in (0, 1))
    np.testing.assert_array_equal(moved[:-1, :-1], plain[1:, 1:])


def test_the_nearest_point_wins_in_any_order(projections):
    ray = np.array([1.0, 0.02, -0.05])  # forward from the scanner; near the camera's own rays at a distance
    points = np.array([[*(ray * distance), 0.5] for distance in (80, 40, 79, 41, 78)], np.float32)
    for order in np.random.default_rng(0).permuted(np.tile(np.arange(5), (10, 1)), axis=1):
        depth = project_points(points[order], projections[2], 3, 3 * WIDTH)  # three rows: nothing is seen there
        assert not depth.any()
        depth = project_points(points[order], projections[2], HEIGHT, WIDTH)
        (found,) = depth[depth > 0]
        assert found == pytest.approx(projected(points[1:2], 2).max(), rel=1e-6)


def test_behind_and_outside(projections):
    points = scan_points(count=4000)
    behind = points[points[:, 0] < -1]
    assert len(behind) > 1000
    assert not project_points(behind, projections[2], HEIGHT, WIDTH).any()
    assert not project_points(points[:0], projections[2], HEIGHT, WIDTH).any()
