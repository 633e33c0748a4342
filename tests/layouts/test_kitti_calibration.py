import numpy as np
import pytest
from support.kitti_layout import (
    BASELINE,
    CX,
    CY,
    DATE,
    FOCAL,
    HEIGHT,
    P_RECT,
    R_RECT,
    R_VELODYNE,
    T_VELODYNE,
    WIDTH,
)
from support.kitti_layout import write_calibration as write_by_hand

from mdetools.errors import UserError
from mdetools.layouts.kitti_calibration import read_stereo_calibration, read_velodyne_projections, write_calibration


def test_intrinsics_and_baseline(tmp_path):
    write_by_hand(tmp_path)
    calibration = read_stereo_calibration(tmp_path / DATE)
    assert calibration.baseline == pytest.approx(BASELINE, rel=1e-9)
    for camera in (2, 3):
        np.testing.assert_allclose(calibration.intrinsics[camera], [[FOCAL, 0, CX], [0, FOCAL, CY], [0, 0, 1]], 1e-6)
        assert calibration.intrinsics[camera].dtype == np.float32


def test_velodyne_projection_step_by_step(tmp_path):
    write_by_hand(tmp_path)
    projections = read_velodyne_projections(tmp_path / DATE)
    point = np.array([12.3, -4.5, 0.6])
    for camera in (2, 3):
        rectified = R_RECT @ (R_VELODYNE @ point + T_VELODYNE)
        expected = P_RECT[camera] @ [*rectified, 1]
        np.testing.assert_allclose(projections[camera] @ [*point, 1], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("fault", "name", "words"),
    [
        (dict(drop="P_rect_03"), "calib_cam_to_cam.txt", ["no line 'P_rect_03:'", "12 numbers"]),
        (dict(P_rect_02="1 2 three"), "calib_cam_to_cam.txt", ["'P_rect_02: 1 2 three'", "12 numbers"]),
        (dict(P_rect_02="1 2 3"), "calib_cam_to_cam.txt", ["'P_rect_02: 1 2 3'", "12 numbers"]),
        (dict(drop="R_rect_00"), "calib_cam_to_cam.txt", ["no line 'R_rect_00:'", "9 numbers"]),
        (dict(drop="T"), "calib_velo_to_cam.txt", ["no line 'T:'", "3 numbers"]),
        (dict(R="nought"), "calib_velo_to_cam.txt", ["'R: nought'", "9 numbers"]),
    ],
)
def test_faulty_files(tmp_path, fault, name, words):
    write_by_hand(tmp_path, **fault)
    with pytest.raises(UserError) as caught:
        read_velodyne_projections(tmp_path / DATE)
    line = str(caught.value)
    assert line.startswith(str(tmp_path / DATE / name)) and "\n" not in line
    assert all(word in line for word in words), line


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"no calibration file .*2011_09_26/calib_cam_to_cam.txt; copy"):
        read_stereo_calibration(tmp_path / DATE)


def test_calibration_that_is_written_is_the_one_that_is_read(tmp_path):
    cameras = {"S_rect_02": [WIDTH, HEIGHT], "P_rect_03": P_RECT[3], "P_rect_02": P_RECT[2], "R_rect_00": R_RECT}
    write_calibration(tmp_path / "new" / DATE, cameras, {"T": T_VELODYNE, "R": R_VELODYNE})
    write_by_hand(tmp_path)
    written, by_hand = (read_stereo_calibration(root / DATE) for root in (tmp_path / "new", tmp_path))
    assert written.baseline == pytest.approx(BASELINE, rel=1e-6)
    for camera in (2, 3):
        np.testing.assert_allclose(written.intrinsics[camera], by_hand.intrinsics[camera], rtol=1e-6)
    written, by_hand = (read_velodyne_projections(root / DATE) for root in (tmp_path / "new", tmp_path))
    for camera in (2, 3):
        np.testing.assert_allclose(written[camera], by_hand[camera], rtol=1e-5, atol=1e-4)


def test_files_have_the_official_keys_in_their_order_and_six_decimals(tmp_path):
    cameras = {"P_rect_02": P_RECT[2], "S_rect_02": [WIDTH, HEIGHT], "R_rect_00": R_RECT, "corner_dist": 0.0995}
    write_calibration(tmp_path, cameras, {"T": T_VELODYNE, "R": R_VELODYNE})
    lines = (tmp_path / "calib_cam_to_cam.txt").read_text().splitlines()
    keys = [line.split(":")[0] for line in lines]
    assert keys == ["calib_time", "corner_dist", "R_rect_00", "S_rect_02", "P_rect_02"]
    assert lines[1] == "corner_dist: 9.950000e-02"
    assert lines[3] == "S_rect_02: 6.400000e+01 3.000000e+01"
    assert (tmp_path / "calib_velo_to_cam.txt").read_text().splitlines()[2] == (
        "T: -4.000000e-03 -7.000000e-02 -2.700000e-01"
    )
