"""Checkpoint files are written whole or not at all."""

import io
import os
import resource
from pathlib import Path

import pytest
import torch
from support.tiny_training import in_child

from mdetools.engine.checkpoints.files import checkpoints_in, last_checkpoint, point_to_last, write_checkpoint
from mdetools.errors import UserError
from mdetools.weights.files import read_checkpoint

CHECKPOINT = {"state_dict": {"weight": torch.arange(6.0).view(2, 3)}, "meta": {"iter": 3, "lrs": [0.1]}}
ADVICE = "the checkpoints before it are whole: {} and go on with --resume"


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "folder" / "a.pth"
    write_checkpoint(CHECKPOINT, path)
    read = read_checkpoint(path)
    assert torch.equal(read["state_dict"]["weight"], CHECKPOINT["state_dict"]["weight"])
    assert read["meta"] == CHECKPOINT["meta"]
    assert [file.name for file in path.parent.iterdir()] == ["a.pth"]


def write_large(path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        write_checkpoint({"state_dict": {"weight": torch.zeros(10**6)}}, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)  # what measures the coverage writes a file at the exit


def write_onto_full_disk(path, monkeypatch):
    """Half of the bytes are written, then the disk is full."""

    def save(checkpoint, file):
        buffer = io.BytesIO()
        original(checkpoint, buffer)
        file.write(buffer.getvalue()[: buffer.tell() // 2])
        raise OSError(28, "No space left on device")

    original = torch.save
    monkeypatch.setattr(torch, "save", save)
    write_checkpoint({"state_dict": {"weight": torch.zeros(1000)}}, path)


def test_full_disk_leaves_the_file_that_stood_there(tmp_path, monkeypatch):
    path = tmp_path / "a.pth"
    write_checkpoint(CHECKPOINT, path)
    before = path.read_bytes()
    with pytest.raises(UserError) as caught:
        write_onto_full_disk(path, monkeypatch)
    assert str(caught.value) == f"{path}: cannot be written (the disk is full); {ADVICE.format('free some space')}"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.pth"]


def test_a_write_that_the_system_refuses_is_one_line(tmp_path):
    """torch's own writer meets the error here; the limit on a file's size stands for a full disk."""
    path = tmp_path / "run" / "a.pth"
    write_checkpoint(CHECKPOINT, path)
    before = path.read_bytes()
    assert in_child(tmp_path / "log", write_large, path) == 1
    assert (tmp_path / "log").read_text().splitlines()[-1] == (
        f"mdetools.errors.UserError: {path}: cannot be written (File too large); "
        + ADVICE.format("raise the limit on a file's size (ulimit -f)")
    )
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["a.pth"]


def test_newest_checkpoint(tmp_path, monkeypatch):
    assert last_checkpoint(tmp_path) is None
    point_to_last(tmp_path / "iter_2.pth")
    point_to_last(tmp_path / "epoch_1.pth")
    assert last_checkpoint(tmp_path) == tmp_path / "epoch_1.pth"
    assert [file.name for file in tmp_path.iterdir()] == ["last_checkpoint"]

    def refuse(self, *args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", refuse)
    with pytest.raises(UserError, match=r"last_checkpoint: cannot be written \(the disk is full\); the checkpoints"):
        point_to_last(tmp_path / "iter_4.pth")
    assert last_checkpoint(tmp_path) == tmp_path / "epoch_1.pth"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xff\xfe\x00", b"../secret.pth", b"/etc/passwd", b"a/b.pth", b"..", b"epoch_1.pth\nepoch_2.pth",
     b"\x00.pth", b"x" * 300 + b".pth", b"x" * 10**7, b"epoch_1"],
)  # fmt: skip
def test_a_note_that_names_no_file_beside_it(tmp_path, content):
    (tmp_path / "last_checkpoint").write_bytes(content)
    assert last_checkpoint(tmp_path) is None


def test_a_note_that_is_no_file(tmp_path):
    (tmp_path / "last_checkpoint").mkdir()
    assert last_checkpoint(tmp_path) is None
    (tmp_path / "last_checkpoint").rmdir()
    os.mkfifo(tmp_path / "last_checkpoint")
    assert last_checkpoint(tmp_path) is None


def test_checkpoints_by_iteration(tmp_path):
    names = ["epoch_2.pth", "iter_7.pth", "iter_10.pth", "epoch_10.pth"]
    for name in [
        *names,
        "best_abs_rel.pth",
        "epoch_x.pth",
        "epoch_3.pth.tmp",
        "iter_1.txt",
        f"iter_{'9' * 99}.pth",
    ]:
        (tmp_path / name).touch()
    found = checkpoints_in(tmp_path, iters_per_epoch=3)
    assert [(path.name, done) for path, done in found.items()] == list(zip(names, [6, 7, 10, 30], strict=True))
    assert checkpoints_in(tmp_path / "none", 3) == {}


def test_checkpoint_and_note_reach_the_disk_before_they_are_named(tmp_path, monkeypatch):
    """The file's bytes before its name, then the folder; the note only after its checkpoint."""
    synced = []
    monkeypatch.setattr(
        "mdetools.files.synchronize", lambda path: synced.append((path.name, [p.name for p in tmp_path.glob("[a-z]*")]))
    )
    write_checkpoint(CHECKPOINT, tmp_path / "epoch_1.pth")
    point_to_last(tmp_path / "epoch_1.pth")
    note = ["epoch_1.pth", "last_checkpoint"]
    assert [sorted(names) for _, names in synced] == [[], ["epoch_1.pth"], ["epoch_1.pth"], note]
    assert synced[0][0].startswith(".epoch_1.pth.") and synced[2][0].startswith(".last_checkpoint.")
    assert synced[1][0] == synced[3][0] == tmp_path.name


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_within_torch_s_writer_stays_one_and_leaves_nothing(tmp_path, monkeypatch, ending):
    """The writer calls Python's `write`, and reports whatever that raises as a RuntimeError of its own."""
    calls = []

    class Interrupted(io.BufferedWriter):
        def write(self, data):
            calls.append(len(data))
            if len(calls) == 3:
                raise ending
            return super().write(data)

    monkeypatch.setattr(Path, "open", lambda self, mode: Interrupted(io.FileIO(self, mode)))
    with pytest.raises(ending):
        write_checkpoint({"state_dict": {str(n): torch.zeros(10**5) for n in range(5)}}, tmp_path / "a.pth")
    assert len(calls) >= 3 and list(tmp_path.iterdir()) == []
