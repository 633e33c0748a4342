"""Which checkpoint a run goes on from where its note, or the newest file, is broken."""

import logging

import pytest
import torch
from support.tiny_training import in_child, train
from support.user_errors import user_error

from mdetools.engine.checkpoints.choosing import candidates, newest_whole, read_named
from mdetools.engine.checkpoints.files import last_checkpoint

META = {"cfg": "", "seed": 1, "iter": 3, "iters_per_epoch": 3, "world_size": 1}
WHOLE = {"meta": META, "parts": {}, "state_dict": {"weight": torch.zeros(2)}}
LOG = logging.getLogger("choosing")


@pytest.fixture
def folder(tmp_path):
    """A work dir with three checkpoints, 3 iterations per epoch, and the note of the newest."""
    for name in ("iter_2.pth", "epoch_1.pth", "iter_4.pth"):
        torch.save(WHOLE | {"name": name}, tmp_path / name)
    (tmp_path / "last_checkpoint").write_text("iter_4.pth")
    torch.save({"state_dict": {}}, tmp_path / "best_abs_rel.pth")
    return tmp_path


def chosen(folder):
    path, checkpoint = newest_whole(candidates(folder, 3), LOG)
    assert checkpoint["name"] == path.name
    return path.name


def test_the_note_decides(folder, caplog):
    assert chosen(folder) == "iter_4.pth"
    (folder / "last_checkpoint").write_text("iter_2.pth\n")
    assert chosen(folder) == "iter_2.pth" and caplog.messages == []


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe", b"\x00" * 9, b"x" * 9999, b"../iter_4.pth", b"/etc/passwd", b"a\nb.pth"]
)
def test_a_broken_note_hides_nothing(folder, caplog, content):
    (folder / "last_checkpoint").unlink()
    if content is not None:
        (folder / "last_checkpoint").write_bytes(content)
    assert chosen(folder) == "iter_4.pth"
    assert caplog.messages == ["no last_checkpoint names a checkpoint; going on from iter_4.pth, the newest whole one"]


def break_file(path, how):
    """Makes a checkpoint one that cannot be resumed."""
    if how == "cut":
        path.write_bytes(path.read_bytes()[:500])
    elif how == "gone":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "folder":
        path.unlink()
        path.mkdir()
    else:
        torch.save({"weights": {"state_dict": {}}, "iteration": WHOLE | {"meta": META | {"iter": 2**70}}}[how], path)


@pytest.mark.parametrize("how", ["cut", "gone", "empty", "folder", "weights", "iteration"])
def test_what_is_not_whole_is_passed_over_and_named(folder, caplog, how):
    break_file(folder / "iter_4.pth", how)
    assert chosen(folder) == "epoch_1.pth"
    (line,) = caplog.messages
    assert line.startswith("passed over: ") and str(folder / "iter_4.pth") in line
    assert line.endswith("; going on from epoch_1.pth, the newest whole checkpoint")
    line = user_error(lambda: read_named(folder / "iter_4.pth", 3), str(folder / "iter_4.pth"))
    assert line.endswith("; the newest whole checkpoint beside it is epoch_1.pth")


def test_without_any_whole_one_nothing_begins_anew(folder):
    for name in ("iter_2.pth", "epoch_1.pth", "iter_4.pth"):
        break_file(folder / name, "cut")
    line = user_error(lambda: chosen(folder), "none of 3 checkpoints in the work dir can be resumed; of the newest: '")
    assert f"{folder / 'iter_4.pth'}' is truncated or no checkpoint" in line
    assert "beside it" not in user_error(lambda: read_named(folder / "iter_4.pth", 3))
    (folder / "iter_2.pth").unlink()
    (folder / "epoch_1.pth").unlink()
    assert user_error(lambda: chosen(folder)).startswith(f"'{folder / 'iter_4.pth'}' is truncated")


def test_a_run_goes_on_from_the_newest_whole_checkpoint(tiny_nyu, tmp_path):
    options = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "default_hooks.checkpoint.max_keep": 9}
    log = tmp_path / "log"
    assert in_child(log, train, tiny_nyu, tmp_path / "run", options) == 0, log.read_text()
    break_file(tmp_path / "run" / "epoch_2.pth", "cut")
    (tmp_path / "run" / ".epoch_2.pth.0a1b2c3d.tmp").write_bytes(b"half")
    assert in_child(log, train, tiny_nyu, tmp_path / "run", options, str(tmp_path / "run" / "epoch_2.pth")) == 1
    assert log.read_text().splitlines()[-1].endswith("the newest whole checkpoint beside it is iter_5.pth")
    assert in_child(log, train, tiny_nyu, tmp_path / "run", options, "auto") == 0, log.read_text()
    text = log.read_text()
    assert text.count("going on from iter_5.pth, the newest whole checkpoint") == 1
    assert "iter_5.pth at epoch 1, iteration 5" in text
    assert torch.load(tmp_path / "run" / "epoch_2.pth", weights_only=True)["meta"]["iter"] == 6
    assert last_checkpoint(tmp_path / "run").name == "epoch_2.pth" and not list((tmp_path / "run").glob(".*.tmp"))
