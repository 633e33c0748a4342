import numpy as np
import pytest
from support.kitti_layout import DATE, HEIGHT, WIDTH, projected, scan_points, write_calibration

from mdetools.datasets.readers.velodyne import interpolate_depth, project_scan, read_scan
from mdetools.errors import UserError
from mdetools.layouts.kitti_calibration import read_velodyne_projections


@pytest.fixture
def projections(tmp_path):
    write_calibration(tmp_path)
    return read_velodyne_projections(tmp_path / DATE)


@pytest.mark.parametrize("camera", [2, 3])
@pytest.mark.parametrize("offset", [0, 1])
def test_projection_point_by_point(projections, camera, offset):
    points = scan_points(seed=camera, count=4000)
    depth = project_scan(points, projections[camera], HEIGHT, WIDTH, offset)
    expected = projected(points, camera, offset=offset)
    assert 300 < (expected > 0).sum() < 4000
    np.testing.assert_array_equal(depth > 0, expected > 0)
    np.testing.assert_allclose(depth, expected, rtol=1e-6)
    assert depth.dtype == np.float32


def test_offset_moves_left_and_up(projections):
    points = scan_points(count=4000)
    plain, moved = (project_scan(points, projections[2], HEIGHT, WIDTH, offset) for offset in (0, 1))
    np.testing.assert_array_equal(moved[:-1, :-1], plain[1:, 1:])


def test_the_nearest_point_wins_in_any_order(projections):
    ray = np.array([1.0, 0.02, -0.05])  # forward from the scanner; near the camera's own rays at a distance
    points = np.array([[*(ray * distance), 0.5] for distance in (80, 40, 79, 41, 78)], np.float32)
    for order in np.random.default_rng(0).permuted(np.tile(np.arange(5), (10, 1)), axis=1):
        depth = project_scan(points[order], projections[2], 3, 3 * WIDTH)  # three rows: nothing is seen there
        assert not depth.any()
        depth = project_scan(points[order], projections[2], HEIGHT, WIDTH)
        (found,) = depth[depth > 0]
        assert found == pytest.approx(projected(points[1:2], 2).max(), rel=1e-6)


def test_behind_and_outside(projections):
    points = scan_points(count=4000)
    behind = points[points[:, 0] < -1]
    assert len(behind) > 1000
    assert not project_scan(behind, projections[2], HEIGHT, WIDTH).any()
    assert not project_scan(points[:0], projections[2], HEIGHT, WIDTH).any()


def test_read_scan(tmp_path):
    path, points = tmp_path / "1.bin", scan_points()
    points.tofile(path)
    np.testing.assert_array_equal(read_scan(path), points)
    for size in (0, 15, 16 * 600 - 4):
        path.write_bytes(points.tobytes()[:size])
        with pytest.raises(UserError, match=rf"1.bin: has {size} bytes, expected a multiple of 16 .* cut short"):
            read_scan(path)
    with pytest.raises(UserError, match="no velodyne scan .*2.bin; copy it"):
        read_scan(tmp_path / "2.bin")


def test_interpolation_is_linear_between_known_pixels():
    rows, columns = np.indices((20, 30))
    plane = 2 + 0.1 * columns + 0.05 * rows
    known = np.zeros((20, 30), bool)
    known[np.random.default_rng(0).integers(5, 20, 80), np.random.default_rng(1).integers(0, 30, 80)] = True
    known[[5, 5, 19, 19], [0, 29, 0, 29]] = True  # the hull is rows 5 to 19
    dense = interpolate_depth(np.where(known, plane, 0).astype(np.float32))
    np.testing.assert_allclose(dense[5:], plane[5:], rtol=1e-5)
    assert not dense[:5].any()
    assert dense.dtype == np.float32


def test_interpolation_without_a_triangle():
    depth = np.zeros((8, 9), np.float32)
    np.testing.assert_array_equal(interpolate_depth(depth), depth)
    for known in ([2], [2, 3], [2, 3, 4, 5, 6]):
        depth[known, known] = 7  # on the diagonal
        np.testing.assert_array_equal(interpolate_depth(depth), depth)
