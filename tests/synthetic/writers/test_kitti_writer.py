import cv2
import numpy as np
import pytest

from mdetools.errors import UserError
from mdetools.synthetic.writers.kitti import FRAMES_PER_STREET, Frame, KITTISettings, render_frame, write_kitti

SMALL = KITTISettings(47, 155, seed=3)
COUNTS = {"train": 5, "val": 2}
DRIVE = "2011_09_26/2011_09_26_drive_0001_sync"


def contents(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.*"))}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("one") / "kitti"
    assert all(new for _, new in write_kitti(root, SMALL, COUNTS, workers=1))
    return root


def calibration(path):
    lines = (line.split(": ", 1) for line in path.read_text().splitlines())
    return {key: np.array(text.split(), float) for key, text in lines if key != "calib_time"}


def test_layout(written):
    names = set(contents(written))
    lines = (written / "train.txt").read_text().splitlines() + (written / "val.txt").read_text().splitlines()
    assert len(lines) == 7
    assert lines[:2] == [f"{DRIVE} 0 l", f"{DRIVE} 1 l"]
    expected = {"synthetic.json", "train.txt", "val.txt"}
    expected |= {f"2011_09_26/calib_{kind}_to_cam.txt" for kind in ("cam", "velo")}
    for line in lines:
        drive, frame, side = line.split()
        assert side == "l"
        expected |= {f"{drive}/image_0{camera}/data/{int(frame):010d}.png" for camera in (2, 3)}
        expected.add(f"{drive}/velodyne_points/data/{int(frame):010d}.bin")
    assert names == expected
    assert {line.split()[0] for line in lines[:5]}.isdisjoint({line.split()[0] for line in lines[5:]})


def test_files_hold_what_was_rendered(written):
    frame = Frame("train", 1)
    data = render_frame(SMALL, frame)
    for path, key in zip(frame.paths, ("left", "right"), strict=False):
        np.testing.assert_array_equal(cv2.imread(str(written / path))[..., ::-1].transpose(2, 0, 1), data[key])
    points = np.fromfile(written / frame.paths[2], np.float32).reshape(-1, 4)
    np.testing.assert_array_equal(points, data["scan"])
    assert len(points) > 10000
    assert (points[:, 0] > 0).all()
    assert points[:, 3].min() >= 0
    assert points[:, 3].max() <= 1


def test_calibration_has_kittis_numbers(tmp_path):
    list(write_kitti(tmp_path / "kitti", KITTISettings(375, 1242), {"train": 0, "val": 0}, workers=1))
    cameras = calibration(tmp_path / "kitti/2011_09_26/calib_cam_to_cam.txt")
    keys = ("S", "K", "D", "R", "T", "S_rect", "R_rect", "P_rect")
    assert set(cameras) == {"corner_dist"} | {f"{key}_{index:02d}" for key in keys for index in range(4)}
    sizes = {"S": 2, "K": 9, "D": 5, "R": 9, "T": 3, "S_rect": 2, "R_rect": 9, "P_rect": 12}
    for key, size in sizes.items():
        assert len(cameras[f"{key}_02"]) == size
    official = [7.215377e02, 0, 6.095593e02, 4.485728e01, 0, 7.215377e02, 1.728540e02, 0, 0, 0, 1, 0]
    np.testing.assert_allclose(cameras["P_rect_02"], official, rtol=1e-5)
    assert (cameras["P_rect_02"][3] - cameras["P_rect_03"][3]) / cameras["P_rect_02"][0] == pytest.approx(0.532719)
    np.testing.assert_array_equal(cameras["S_rect_02"], [1242, 375])
    velodyne = calibration(tmp_path / "kitti/2011_09_26/calib_velo_to_cam.txt")
    np.testing.assert_allclose(velodyne["T"], [-4.069766e-03, -7.631618e-02, -2.717806e-01])
    rotation = velodyne["R"].reshape(3, 3)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-5)


@pytest.mark.parametrize("index", [0, 4])
def test_scan_through_the_written_calibration_gives_the_rendered_depth(written, index):
    frame = Frame("train", index)
    cameras = calibration(written / "2011_09_26/calib_cam_to_cam.txt")
    velodyne = calibration(written / "2011_09_26/calib_velo_to_cam.txt")
    points = np.fromfile(written / frame.paths[2], np.float32).reshape(-1, 4).T.astype(np.float64)
    points[3] = 1
    to_camera = np.concatenate([velodyne["R"].reshape(3, 3), velodyne["T"][:, None]], axis=1)
    rectify, project = cameras["R_rect_00"].reshape(3, 3), cameras["P_rect_02"].reshape(3, 4)
    seen = project @ np.concatenate([rectify @ (to_camera @ points), np.ones((1, points.shape[1]))])
    u, v = np.rint(seen[:2] / seen[2]).astype(int)
    inside = (u >= 0) & (u < 155) & (v >= 0) & (v < 47) & (seen[2] > 1)
    exact = render_frame(SMALL, frame)["depth"][v[inside], u[inside]]
    error = np.abs(exact - seen[2, inside]) / seen[2, inside]
    assert inside.sum() > 8000
    assert np.median(error) < 0.02  # half a pixel of this small image
    assert (error < 0.15).mean() > 0.9


def test_files_do_not_depend_on_workers(written, tmp_path):
    again = tmp_path / "kitti"
    list(write_kitti(again, SMALL, COUNTS, workers=2))
    assert contents(again) == contents(written)


def test_second_run_keeps_whole_files_and_writes_broken_ones_again(written, capsys):
    before = contents(written)
    image, points = (written / Frame("train", index).paths[place] for index, place in ((1, 1), (2, 2)))
    image.write_bytes(image.read_bytes()[:1000])
    points.write_bytes(points.read_bytes()[:1001])
    (written / Frame("train", 3).paths[0]).unlink()
    state = list(write_kitti(written, SMALL, COUNTS, workers=1))
    assert [frame.index for frame, new in state if new] == [1, 2, 3]
    err = capsys.readouterr().err
    assert "0000000001.png: could not be read" in err
    assert "0000000002.bin: could not be read" in err
    assert contents(written) == before


def test_lists_come_last(tmp_path):
    run = write_kitti(tmp_path / "kitti", SMALL, COUNTS, workers=1)
    next(run)
    run.close()
    assert not (tmp_path / "kitti/train.txt").exists()
    assert (tmp_path / "kitti/2011_09_26/calib_cam_to_cam.txt").exists()


def test_a_drive_shows_one_street_from_a_moving_car():
    first, second, other = (render_frame(SMALL, Frame("train", index)) for index in (0, 1, FRAMES_PER_STREET))
    assert not np.array_equal(first["left"], second["left"])
    # The look of the street, its exposure included, is the same; another street's is not.
    color = [data["left"].reshape(3, -1).mean(axis=1) for data in (first, second, other)]
    assert np.abs(color[0] - color[1]).max() < 0.5 * np.abs(color[0] - color[2]).max()


def test_splits_and_seeds_differ():
    frames = [render_frame(SMALL, Frame(split, 0))["depth"] for split in ("train", "val")]
    frames.append(render_frame(KITTISettings(47, 155, seed=4), Frame("train", 0))["depth"])
    assert len({float(np.median(depth)) for depth in frames}) == 3


def test_refuses_other_data(written, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(UserError, match="holds other data"):
        next(write_kitti(tmp_path, SMALL, COUNTS, workers=1))
    with pytest.raises(UserError, match="holds a data set made with"):
        next(write_kitti(written, KITTISettings(47, 155, seed=4), COUNTS, workers=1))


def test_full_disk_is_one_line_and_leaves_no_broken_file(tmp_path, monkeypatch):
    from pathlib import Path

    root, write_bytes = tmp_path / "kitti", Path.write_bytes

    def fail(self, data):
        if "image_03" in str(self):
            raise OSError(28, "No space left on device")
        return write_bytes(self, data)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(UserError, match=r"0000000000.png: cannot be written \(the disk is full\); free") as error:
        next(write_kitti(root, SMALL, COUNTS, workers=1))
    assert "\n" not in str(error.value)
    assert not list(root.rglob("*.tmp"))
