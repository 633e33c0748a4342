from pathlib import Path

import pytest
from support import kitti_layout
from support.kitti_layout import DRIVE

from mdetools.datasets.kitti.frame import KITTIFrame
from mdetools.datasets.kitti.on_disk import frames_on_disk
from mdetools.datasets.kitti.split_list import read_split
from mdetools.layouts import kitti
from mdetools.synthetic.writers.kitti import Frame


@pytest.mark.parametrize("camera", [2, 3])
@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_images_and_scans_lie_where_the_raw_data_has_them(camera, ending):
    root = Path("/data")
    assert root / kitti.image_path(DRIVE, 12, camera, ending) == kitti_layout.image_path(root, 12, camera, ending)
    assert root / kitti.scan_path(DRIVE, 12) == kitti_layout.scan_path(root, 12)
    assert (kitti.LEFT, kitti.RIGHT) == (2, 3)
    assert kitti.drive_path("2011_09_26", 1) == DRIVE


def test_maps_lie_where_their_archives_have_them():
    expected = "train/2011_09_26_drive_0001_sync/proj_depth/groundtruth/image_03/0000000005.png"
    assert kitti.annotated_path("train/2011_09_26_drive_0001_sync", 5, 3) == expected
    assert kitti.disparity_path(DRIVE, 5) == "2011_09_26_drive_0001_sync/0000000005.png"


def test_paths_and_lines_that_the_writer_makes_are_those_that_the_reader_takes(tmp_path):
    frames = [Frame(split, index) for split in ("train", "val") for index in (0, 5)]
    for frame in frames:
        for path in frame.paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(b"")
    (tmp_path / "all.txt").write_text("".join(f"{frame.line}\n" for frame in frames))
    _, read = read_split("all", tmp_path)
    assert read == [KITTIFrame(frame.drive, frame.number, "l") for frame in frames]
    assert [frame.id for frame in read] == [frame.line for frame in frames]
    assert [frames_on_disk(tmp_path, frame.drive, (2, 3)) for frame in frames] == [[0], [1], [0], [1]]
    for written, frame in zip(frames, read, strict=True):
        left, right = (kitti_layout.image_path(tmp_path, frame.number, camera, drive=frame.drive) for camera in (2, 3))
        scan = kitti_layout.scan_path(tmp_path, frame.number, frame.drive)
        assert [tmp_path / path for path in written.paths] == [left, right, scan]
