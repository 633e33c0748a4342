"""Maps in 16-bit PNGs."""

import cv2
import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.readers import read_png16


@pytest.mark.parametrize("scale", [256, 1000])
def test_every_value_is_divided_by_the_scale(tmp_path, scale):
    stored = np.arange(2**16, dtype=np.uint16).reshape(256, 256)
    stored[-1, -1] = 0  # 65535 is a hole
    cv2.imwrite(str(tmp_path / "map.png"), stored)
    read = read_png16(tmp_path / "map.png", scale)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, (stored.astype(np.float64) / scale).astype(np.float32))


@pytest.mark.parametrize("values", [np.zeros((4, 5), np.uint8), np.zeros((4, 5, 3), np.uint16)])
def test_another_kind_of_png_is_refused(tmp_path, values):
    cv2.imwrite(str(tmp_path / "map.png"), values)
    found = f"map.png: is {values.dtype} {values.shape}, expected a 16-bit PNG with one channel, value x 256"
    user_error(lambda: read_png16(tmp_path / "map.png", 256), found)


def test_the_largest_value_is_a_hole(tmp_path):
    cv2.imwrite(str(tmp_path / "map.png"), np.array([[65535, 65534, 0, 1000]], np.uint16))
    np.testing.assert_array_equal(read_png16(tmp_path / "map.png", 1000), np.float32([[0, 65.534, 0, 1]]))
