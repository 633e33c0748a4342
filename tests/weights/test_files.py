"""Checkpoint files are written whole or not at all, and read without running code."""

import io
import os
import pickle
import resource

import pytest
import torch
from safetensors.torch import save_file
from support.tiny_training import in_child

from mdetools.errors import UserError
from mdetools.weights.files import last_checkpoint, point_to_last, read_checkpoint, write_checkpoint

CHECKPOINT = {"state_dict": {"weight": torch.arange(6.0).view(2, 3)}, "meta": {"iter": 3, "lrs": [0.1]}}


def refusal(path):
    """The one line with which a file is refused; it names the file."""
    with pytest.raises(UserError) as caught:
        read_checkpoint(path)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message
    return message


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
    with pytest.raises(
        UserError, match=r"a\.pth' cannot be written \(\[Errno 28\] No space left on device\)"
    ) as caught:
        write_onto_full_disk(path, monkeypatch)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.pth"]


def test_a_write_that_the_system_refuses_is_a_mistake_to_mend(tmp_path):
    """torch's own writer meets the error here; the limit on a file's size stands for a full disk."""
    path = tmp_path / "run" / "a.pth"
    write_checkpoint(CHECKPOINT, path)
    before = path.read_bytes()
    assert in_child(tmp_path / "log", write_large, path) == 1
    last = (tmp_path / "log").read_text().splitlines()[-1]
    assert last.startswith(f"mdetools.errors.UserError: checkpoint '{path}' cannot be written")
    assert "File too large" in last
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["a.pth"]


def test_newest_checkpoint(tmp_path, monkeypatch):
    assert last_checkpoint(tmp_path) is None
    point_to_last(tmp_path / "iter_2.pth")
    point_to_last(tmp_path / "epoch_1.pth")
    assert last_checkpoint(tmp_path) == tmp_path / "epoch_1.pth"
    assert [file.name for file in tmp_path.iterdir()] == ["last_checkpoint"]
    assert "no checkpoint" in refusal(last_checkpoint(tmp_path))

    def refuse(self, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", refuse)
    with pytest.raises(UserError, match="last_checkpoint' cannot be written"):
        point_to_last(tmp_path / "iter_4.pth")
    assert last_checkpoint(tmp_path) == tmp_path / "epoch_1.pth"


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("new_format", [True, False])
def test_a_pickle_with_code_is_refused_and_not_run(tmp_path, new_format):
    path = tmp_path / "harmful.pth"
    harmful = {"state_dict": {"weight": torch.zeros(2)}, "x": Harmful(tmp_path / "made")}
    torch.save(harmful, path, _use_new_zipfile_serialization=new_format)
    assert "is refused: it holds code or objects" in refusal(path)
    for protocol in (2, 3, 4, 5):
        path.write_bytes(pickle.dumps({"model": Harmful(tmp_path / "made")}, protocol=protocol))
        assert "is refused: it holds code or objects" in refusal(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("new_format", [True, False])
@pytest.mark.parametrize("share", [0, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(tmp_path, new_format, share):
    buffer = io.BytesIO()
    torch.save(CHECKPOINT, buffer, _use_new_zipfile_serialization=new_format)
    path = tmp_path / "cut.pth"
    path.write_bytes(buffer.getvalue()[: int(share * buffer.tell())])
    message = refusal(path)
    # The old format may be cut within the name of a class, which is then one that is not allowed.
    assert "is truncated or no checkpoint" in message or ("is refused" in message and not new_format)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_file_of_anything_else(tmp_path):
    """The unpickler takes the first byte for an instruction, so the files fail in many ways."""
    path = tmp_path / "notes.pth"
    for first_byte in range(256):
        path.write_bytes(bytes([first_byte]) + b"ear user, this is no checkpoint\n" * 20)
        message = refusal(path)
        assert "is truncated or no checkpoint" in message or "is refused" in message
        assert "Re-running" not in message and "PyTorch 2.6" not in message  # torch's advice to read it unsafely


def test_safetensors(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file(CHECKPOINT["state_dict"], path)
    for source in (path, tmp_path):
        assert torch.equal(read_checkpoint(source)["state_dict"]["weight"], CHECKPOINT["state_dict"]["weight"])
    path.write_bytes(path.read_bytes()[:-5])
    assert "is truncated or no checkpoint" in refusal(path)
    path.write_bytes(b"text")
    assert "is truncated or no checkpoint" in refusal(path)


def test_what_is_not_there_or_not_a_dict(tmp_path):
    assert refusal(tmp_path / "a.pth").startswith("no checkpoint")
    assert refusal(tmp_path).startswith(f"no checkpoint '{tmp_path / 'model.safetensors'}'")
    torch.save([torch.zeros(1)], tmp_path / "list.pth")
    assert refusal(tmp_path / "list.pth").endswith("holds a list; expected a dict of tensors")
    assert "timm has no model 'vit_nothing'" in str(pytest.raises(UserError, read_checkpoint, "timm:vit_nothing").value)
