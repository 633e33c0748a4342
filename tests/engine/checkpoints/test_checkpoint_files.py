"""Checkpoint files are written whole or not at all."""

import io
import resource

import pytest
import torch
from support.tiny_training import in_child

from mdetools.engine.checkpoints.files import last_checkpoint, point_to_last, write_checkpoint
from mdetools.errors import UserError
from mdetools.weights.files import read_checkpoint

CHECKPOINT = {"state_dict": {"weight": torch.arange(6.0).view(2, 3)}, "meta": {"iter": 3, "lrs": [0.1]}}
ADVICE = "the checkpoints before it are whole: free some space and go on with --resume"


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "folder" / "a.pth"
    write_checkpoint(CHECKPOINT, path)
    read = read_checkpoint(path)
    assert torch.equal(read["state_dict"]["weight"], CHECKPOINT["state_dict"]["weight"])
    assert read["meta"] == CHECKPOINT["meta"]
    assert [file.name for file in path.parent.iterdir()] == ["a.pth"]


def write_large(path):
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    write_checkpoint({"state_dict": {"weight": torch.zeros(10**6)}}, path)


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
    assert str(caught.value) == f"{path}: cannot be written (the disk is full); {ADVICE}"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.pth"]


def test_a_write_that_the_system_refuses_is_one_line(tmp_path):
    """torch's own writer meets the error here; the limit on a file's size stands for a full disk."""
    path = tmp_path / "run" / "a.pth"
    write_checkpoint(CHECKPOINT, path)
    before = path.read_bytes()
    assert in_child(tmp_path / "log", write_large, path) == 1
    assert (tmp_path / "log").read_text().splitlines()[-1] == (
        f"mdetools.errors.UserError: {path}: cannot be written (File too large); {ADVICE}"
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
