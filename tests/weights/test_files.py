"""Checkpoint files are read without running code, whatever they hold."""

import io
import os
import pickle

import pytest
import torch
from safetensors.torch import save_file

from mdetools.errors import UserError
from mdetools.weights import files
from mdetools.weights.files import read_checkpoint
from mdetools.weights.shipped import shipped_models

CHECKPOINT = {"state_dict": {"weight": torch.arange(6.0).view(2, 3)}, "meta": {"iter": 3, "lrs": [0.1]}}


def refusal(path):
    """The one line with which a file is refused; it names the file."""
    with pytest.raises(UserError) as caught:
        read_checkpoint(path)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message
    return message


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


def test_a_pickle_of_the_old_format_that_never_ends_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LONGEST_PICKLE", 10_000)
    torch.save({"weight": torch.arange(3.0)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert read_checkpoint(tmp_path / "old.pth")["weight"].tolist() == [0, 1, 2]
    head = io.BytesIO((tmp_path / "old.pth").read_bytes())
    for _ in range(3):  # the magic number, the version, the system
        pickle.load(head)
    endless = head.getvalue()[: head.tell()] + b"\x80\x02" + b"N" * 1_000_000 + b"."
    (tmp_path / "endless.pth").write_bytes(endless)
    with pytest.raises(UserError, match="endless.pth' holds more than 10,000 steps of plain data"):
        read_checkpoint(tmp_path / "endless.pth")


def test_a_model_that_comes_with_mdetools_is_found_by_its_name():
    named, by_path = (read_checkpoint(path) for path in ("mdetools-tiny", shipped_models()["mdetools-tiny"]))
    assert named["state_dict"].keys() == by_path["state_dict"].keys()
    assert all(torch.equal(named["state_dict"][key], value) for key, value in by_path["state_dict"].items())
