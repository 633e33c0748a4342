import numpy as np
import pytest

from mdetools.layouts.kitti_calibration import (
    read_stereo_calibration,
    read_velodyne_projections,
    velodyne_projections,
    write_calibration,
)
from mdetools.layouts.kitti_rig import kitti_intrinsics, rig_calibration


def test_intrinsics_are_kittis_at_full_size_and_scale_with_the_width():
    np.testing.assert_allclose(
        kitti_intrinsics(375, 1242), [[721.5377, 0, 609.5593], [0, 721.5377, 172.854], [0, 0, 1]], rtol=1e-6
    )
    half = kitti_intrinsics(188, 621)
    np.testing.assert_allclose(half[[0, 1], [0, 1]], 721.5377 / 2, rtol=1e-6)
    assert half[0, 2] == pytest.approx((609.5593 + 0.5) / 2 - 0.5, rel=1e-6)
    assert half[1, 2] == pytest.approx((172.854 + 0.5) / 2 - 0.5 + 0.25, rel=1e-6)  # 188 rows for 187.5


def test_written_rig_is_read_as_it_is(tmp_path):
    cameras, velodyne = rig_calibration(188, 620)
    write_calibration(tmp_path, cameras, velodyne)
    read = read_stereo_calibration(tmp_path)
    for camera in (2, 3):
        np.testing.assert_allclose(read.intrinsics[camera], kitti_intrinsics(188, 620), rtol=1e-6)
    assert read.baseline == pytest.approx(0.532719, rel=1e-5)
    exact = velodyne_projections(cameras, velodyne)
    for camera, projection in read_velodyne_projections(tmp_path).items():
        np.testing.assert_allclose(projection, exact[camera], rtol=1e-5, atol=1e-4)


def test_a_point_ahead_of_the_scanner_by_the_rule_of_the_devkit():
    # Written out from the official numbers of 2011_09_26: R x + T, then R_rect_00, then P_rect_02.
    point = np.array([10.0, 1.0, -0.5])
    rotation = [[7.533745e-3, -9.999714e-1, -6.166020e-4], [1.480249e-2, 7.280733e-4, -9.998902e-1]]
    rotation += [[9.998621e-1, 7.523790e-3, 1.480755e-2]]
    rectify = [[9.999239e-1, 9.837760e-3, -7.445048e-3], [-9.869795e-3, 9.999421e-1, -4.278459e-3]]
    rectify += [[7.402527e-3, 4.351614e-3, 9.999631e-1]]
    seen = np.array(rectify) @ (np.array(rotation) @ point + [-4.069766e-3, -7.631618e-2, -2.717806e-1])
    column = (721.5377 * seen[0] + 609.5593 * seen[2] + 44.85728) / seen[2]
    row = (721.5377 * seen[1] + 172.854 * seen[2]) / seen[2]
    x, y, depth = velodyne_projections(*rig_calibration(375, 1242))[2] @ [*point, 1]
    np.testing.assert_allclose([x / depth, y / depth, depth], [column, row, seen[2]], rtol=1e-5)
