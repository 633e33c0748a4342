"""Paths and devices that cannot be used are reported before the work."""

import os

import pytest
from support.paths import ROOT

from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.preflight import check_device, check_output_file, check_output_folder
from mdetools.engine.testing import apply_test_options
from mdetools.engine.training import apply_train_options
from mdetools.errors import UserError


def test_places_that_can_be_written_to_pass_and_nothing_is_made(tmp_path):
    check_output_folder(tmp_path, "--out")
    check_output_folder(tmp_path / "a/b", "--out")
    check_output_file(tmp_path / "a/results.json", "--out")
    (tmp_path / "old.json").write_text("")
    check_output_file(tmp_path / "old.json", "--out")
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]


def test_a_file_where_a_folder_should_be_and_the_reverse(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (file, file / "below"):
        with pytest.raises(UserError, match=f"--out '{path}': '{file}' is not a folder, expected one to write to"):
            check_output_folder(path, "--out")
    with pytest.raises(UserError, match=f"'{file}' is not a folder"):
        check_output_file(file / "results.json", "--out")
    with pytest.raises(UserError, match=f"--out '{tmp_path}' is a folder, expected a file"):
        check_output_file(tmp_path, "--out")


def test_a_folder_without_the_permission(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UserError, match="is not writable"):
        check_output_folder(tmp_path / "new", "--out")


@pytest.mark.parametrize("name", ["foo", "cuda:99", "meta"])
def test_a_device_that_is_not_there(name):
    check_device("cpu")
    with pytest.raises(UserError, match=rf"^device '{name}' cannot be used \([^\n]*\); expected cpu"):
        check_device(name)


def test_every_place_of_a_run_is_checked(tiny_nyu, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    cfg = load_config(str(tiny_nyu))
    with pytest.raises(UserError, match="work dir '.*file': "):
        apply_train_options(cfg, str(file))
    for options, found in (
        ({"work_dir": str(file)}, f"work dir '{file}'"),
        ({"out": str(tmp_path)}, f"--out '{tmp_path}' is a folder"),
        ({"show_dir": str(file)}, f"--show-dir '{file}'"),
    ):
        with pytest.raises(UserError, match=found):
            apply_test_options(cfg, "model.pth", **{"work_dir": str(tmp_path / "run"), **options})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "options, found",
    [
        (["--out", "FILE"], "error: --out 'FILE': "),
        (["--device", "foo"], "error: device 'foo' cannot be used (Expected one of cpu"),
        (["--data-root", "x"], "error: unrecognized arguments: --data-root x"),
    ],
)
def test_infer_looks_before_it_reads(run_tool, tmp_path, options, found):
    file = tmp_path / "file"
    file.write_text("")
    options = [file if argument == "FILE" else argument for argument in options]
    code, _, err = run_tool("infer", ROOT / "configs/dav2/vits_nyu.py", "no.pth", "no.png", *options)
    assert code == 2
    assert found.replace("FILE", str(file)) in err.splitlines()[-1]
