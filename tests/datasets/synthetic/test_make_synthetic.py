import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "make_synthetic.py"


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


@pytest.mark.parametrize("size", ["240", "0x320", "240x", "axb"])
def test_bad_size_exits_with_2_and_names_it(tool, tmp_path, capsys, size):
    with pytest.raises(SystemExit) as exit_info:
        tool("nyu", tmp_path, "--size", size)
    assert exit_info.value.code == 2
    assert f"got '{size}'" in capsys.readouterr().err
