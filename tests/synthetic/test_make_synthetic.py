import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "make_synthetic.py"


@pytest.fixture
def tool(monkeypatch):
    """Runs the script's `main` on a command line."""
    spec = importlib.util.spec_from_file_location("make_synthetic", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
        module.main(module.parse_args())

    return run


def test_writes_reports_and_can_be_run_twice(tool, tmp_path, capsys):
    command = ("nyu", tmp_path / "nyu", "--train", 2, "--val", 1, "--size", "32x48", "--workers", 1, "--preview")
    tool(*command)
    out, err = capsys.readouterr()
    assert "frames: 3/3" in err
    assert "2 training and 1 validation frames; 3 written, 0 kept" in out
    assert (tmp_path / "nyu/preview.png").is_file()
    tool(*command)
    assert "0 written, 3 kept" in capsys.readouterr().out


def test_writes_streets(tool, tmp_path, capsys):
    import cv2

    root = tmp_path / "kitti"
    command = ("kitti", root, "--train", 2, "--val", 1, "--size", "32x106", "--workers", 1, "--seed", 5, "--preview")
    tool(*command)
    assert "2 training and 1 validation frames; 3 written, 0 kept" in capsys.readouterr().out
    left = root / "2011_09_26/2011_09_26_drive_0001_sync/image_02/data/0000000000.png"
    sheet, image = cv2.imread(str(root / "preview.png")), cv2.imread(str(left))
    assert sheet.shape == (3 * 32, 3 * 106, 3)
    assert (sheet[:32, :106] == image).all()
    tool(*command)
    assert "0 written, 3 kept" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["240", "0x320", "240x", "axb"])
def test_bad_size_exits_with_2_and_names_it(tool, tmp_path, capsys, size):
    with pytest.raises(SystemExit) as exit_info:
        tool("nyu", tmp_path, "--size", size)
    assert exit_info.value.code == 2
    assert f"got '{size}'" in capsys.readouterr().err
