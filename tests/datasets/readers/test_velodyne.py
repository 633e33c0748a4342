import numpy as np
import pytest
from support.kitti_layout import scan_points

from mdetools.datasets.readers.velodyne import interpolate_depth, read_scan
from mdetools.errors import UserError


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
