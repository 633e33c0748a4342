from functools import partial

import pytest


@pytest.fixture
def tool(run_tool):
    """Runs the script on a command line; gives its exit code, stdout and stderr."""
    return partial(run_tool, "make_synthetic")


def test_writes_reports_and_can_be_run_twice(tool, tmp_path):
    command = ("nyu", tmp_path / "nyu", "--train", 2, "--val", 1, "--size", "32x48", "--workers", 1, "--preview")
    code, out, err = tool(*command)
    assert code == 0
    assert "frames: 3/3" in err
    assert "2 training and 1 validation frames; 3 written, 0 kept" in out
    assert (tmp_path / "nyu/preview.png").is_file()
    assert "0 written, 3 kept" in tool(*command)[1]


def test_writes_streets(tool, tmp_path):
    import cv2

    root = tmp_path / "kitti"
    command = ("kitti", root, "--train", 2, "--val", 1, "--size", "32x106", "--workers", 1, "--seed", 5, "--preview")
    assert "2 training and 1 validation frames; 3 written, 0 kept" in tool(*command)[1]
    left = root / "2011_09_26/2011_09_26_drive_0001_sync/image_02/data/0000000000.png"
    sheet, image = cv2.imread(str(root / "preview.png")), cv2.imread(str(left))
    assert sheet.shape == (3 * 32, 3 * 106, 3)
    assert (sheet[:32, :106] == image).all()
    assert "0 written, 3 kept" in tool(*command)[1]


@pytest.mark.parametrize("size", ["240", "0x320", "240x", "axb"])
def test_bad_size_exits_with_2_and_names_it(tool, tmp_path, size):
    code, _, err = tool("nyu", tmp_path, "--size", size)
    assert code == 2
    assert f"got '{size}'" in err


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("segmentation", "--scenes", "rooms"), ["classes.txt", "depth", "images", "semantic", "types"]),
        (("shapes",), ["depth", "train", "val"]),
        (("shapes", "--kind", "colours"), ["depth", "train", "val"]),
    ],
)
def test_writes_classes(tool, tmp_path, command, expected):
    kind, *options = command
    command = (kind, tmp_path / "out", *options, "--train", 2, "--val", 1, "--size", "32x48", "--workers", 1)
    code, out, _ = tool(*command, "--preview")
    assert code == 0
    assert "2 training and 1 validation frames; 3 written, 0 kept" in out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*expected, "preview.png", "synthetic.json"]
    )
    assert "0 written, 3 kept" in tool(*command)[1]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("segmentation", "--scenes", "room"), "no scenes 'room', expected rooms or streets; did you mean 'rooms'?"),
        (("shapes", "--kind", "colors"), "no classes of 'colors'; did you mean 'colours'?"),
    ],
)
def test_unknown_classes_are_told_in_one_line(tool, tmp_path, command, expected):
    code, _, err = tool(command[0], tmp_path / "out", *command[1:])
    assert code == 2
    assert err.splitlines()[-1].startswith("error: ")
    assert expected in err
