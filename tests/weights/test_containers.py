"""Files are known by what is in them, and those that are something else, or pretend, are named."""

import gzip
import io
import os
import pickle
import struct
import tarfile
import zipfile

import pytest
import torch
from safetensors.torch import save, save_file
from support.models import small_estimator
from support.user_errors import user_error
from support.weight_files import rezipped

from mdetools.weights import containers
from mdetools.weights.files import read_checkpoint
from mdetools.weights.loading import read_weights

STATE = {"weight": torch.arange(6.0).view(2, 3)}


def saved(checkpoint, new_format=True):
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer, _use_new_zipfile_serialization=new_format)
    return buffer.getvalue()


def refusal(path, content, *words):
    path.write_bytes(content)
    return user_error(lambda: read_checkpoint(path), str(path), *words)


WRITTEN = {"zip": saved(STATE), "pickle": saved(STATE, new_format=False), "safetensors": save(STATE)}


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.bin", "w.ckpt", "w.safetensors", "weights", "w.json", "w.PTH"])
@pytest.mark.parametrize("container", WRITTEN)
def test_a_file_is_read_by_its_content_whatever_its_ending(tmp_path, container, name):
    (tmp_path / name).write_bytes(WRITTEN[container])
    read = read_checkpoint(tmp_path / name)
    assert torch.equal(read.get("state_dict", read)["weight"], STATE["weight"])


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 99173660\n"
POINTED = ("is a Git LFS pointer, not the file; run `git lfs pull` in its folder",)
PAGE = ("is a web page, not the file; download it again by the link to the file itself",)


@pytest.mark.parametrize("name", ["w.pth", "model.safetensors"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (POINTER, POINTED),
        (b"<!DOCTYPE html>\n<html class=''><head>", PAGE),
        (b"\n  <html lang='en'>", PAGE),
        (b"\xef\xbb\xbf<!doctype HTML>", PAGE),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>", PAGE),
        (b"Entry not found", ("is truncated or no checkpoint (it is text that begins with 'Entry not found')",)),
        ('{"error": "Épuisé"}'.encode(), ('it is text that begins with \'{"error": "Épuisé"}\'',)),
        (b"", ("is truncated or no checkpoint (it is empty); copy or download it again",)),
        (gzip.compress(WRITTEN["zip"]), ("is a gzip archive; unpack it and give the file of weights inside",)),
        (b"BZh91AY&SY", ("is a bzip2 archive",)),
        (
            struct.pack("<Q", 900) + b'{"__metadata__": {}',
            ("its header of safetensors has 900 bytes, and the file 27",),
        ),
        (bytes(5000), ("is truncated or no checkpoint",)),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), ("is truncated or no checkpoint",)),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), ("is truncated or no checkpoint",)),
    ],
)
def test_what_people_have_in_place_of_weights_is_named(tmp_path, name, content, words):
    refusal(tmp_path / name, content, *words)


def test_archives_around_a_file_are_named(tmp_path):
    (tmp_path / "inner.pth").write_bytes(WRITTEN["zip"])
    with tarfile.open(tmp_path / "w.tar", "w") as archive:
        archive.add(tmp_path / "inner.pth", "inner.pth")
    user_error(lambda: read_checkpoint(tmp_path / "w.tar"), "is a tar archive")
    with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
        archive.write(tmp_path / "inner.pth", "inner.pth")
    user_error(lambda: read_checkpoint(tmp_path / "w.zip"), "is a zip archive of inner.pth; unpack it")


def test_a_torchscript_program_is_code(tmp_path):
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "w.pt"))
    user_error(lambda: read_checkpoint(tmp_path / "w.pt"), "is refused: it holds code or objects")


def test_no_path_is_a_trap(tmp_path):
    os.mkfifo(tmp_path / "pipe.pth")
    for path in (
        tmp_path / "pipe.pth",
        "/dev/zero",
        tmp_path / ("x" * 300),
        tmp_path / "a.pth" / "b",
        "http://x/y.pth",
    ):
        user_error(lambda path=path: read_checkpoint(path), "no checkpoint")


def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    path = tmp_path / "w.pth"
    path.write_bytes(WRITTEN["zip"])

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    line = user_error(lambda: read_checkpoint(path), f"'{path}' cannot be read (Permission denied)")
    assert "download" not in line


def test_a_zip_that_unpacks_to_far_more_than_it_has(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "EXCESS", 2**20)
    zeros = {"weight": torch.zeros(2**20)}
    packed = rezipped(saved(zeros), lambda _, content: content, zipfile.ZIP_DEFLATED)
    assert len(packed) < 2**14
    line = refusal(tmp_path / "w.pth", packed, "would unpack from", "as torch.save writes it; do not trust it")
    assert f"from {len(packed):,} bytes to 4,19" in line
    (tmp_path / "w.pth").write_bytes(saved(zeros))
    assert torch.equal(read_checkpoint(tmp_path / "w.pth")["weight"], zeros["weight"])


def test_a_pickle_of_millions_of_instructions(tmp_path):
    """Five kilobytes that would take a quarter of a minute and make gigabytes of empty lists."""
    lists = b"\x80\x02" + b"]" * 5_000_000 + b"."
    content = rezipped(
        WRITTEN["zip"], lambda name, held: lists if name.endswith("data.pkl") else held, zipfile.ZIP_DEFLATED
    )
    assert len(content) < 10_000
    refusal(tmp_path / "w.pth", content, "holds 5,000,003 bytes of plain data beside its tensors")


def test_entries_that_share_their_bytes_count_each(tmp_path, monkeypatch):
    """A table of contents that names one record many times."""
    monkeypatch.setattr(containers, "EXCESS", 2**20)
    buffer = io.BytesIO(saved({"weight": torch.zeros(2**17)}))
    with zipfile.ZipFile(buffer, "a") as archive:
        (record,) = [entry for entry in archive.infolist() if entry.filename.endswith("data/0")]
        for index in range(1, 10):
            twin = zipfile.ZipInfo(record.filename.replace("data/0", f"data/{index}"))
            for name in ("file_size", "compress_size", "header_offset", "CRC"):
                setattr(twin, name, getattr(record, name))
            archive.filelist.append(twin)
        archive._didModify = True
    refusal(tmp_path / "w.pth", buffer.getvalue(), "would unpack from")


def safetensors_file(shape, end, size=24):
    header = b'{"weight":{"dtype":"F32","shape":%s,"data_offsets":[0,%d]}}' % (str(list(shape)).encode(), end)
    return struct.pack("<Q", len(header)) + header + bytes(size)


@pytest.mark.parametrize(
    "content",
    [
        safetensors_file((2**38,), 2**40),
        safetensors_file((2, 3), 2**40),
        safetensors_file((2**38,), 24),
        safetensors_file((2**63, 2**63), 24),
        struct.pack("<Q", 2**40) + b"{" + bytes(100),
        struct.pack("<Q", 2**64 - 1) + b"{" + bytes(100),
    ],
)
def test_safetensors_that_declare_terabytes(tmp_path, content):
    refusal(tmp_path / "model.safetensors", content, "is truncated or no checkpoint")


@pytest.mark.parametrize("count", [2**20, 2**31 - 1])
@pytest.mark.parametrize("new_format", [True, False])
def test_pickles_that_declare_more_than_they_hold(tmp_path, count, new_format):
    """Six numbers are said to be a million, or two thousand million."""
    small, large = b"K\x06", b"J" + struct.pack("<i", count)

    def change(name, content):
        assert new_format is False or content.count(small) == 2 or not name.endswith("data.pkl")
        return content.replace(small, large) if name.endswith("data.pkl") else content

    flat = saved({"weight": torch.arange(6.0)}, new_format)
    content = rezipped(flat, change) if new_format else change("data.pkl", flat)
    refusal(tmp_path / "w.pth", content, "is truncated or no checkpoint")


class Zeros:
    """Gigabytes of zeros in twenty bytes of pickle."""

    def __reduce__(self):
        return bytearray, (2**33,)


@pytest.mark.parametrize("new_format", [True, False])
def test_a_pickle_that_allocates_is_refused_before_it_is_read(tmp_path, new_format):
    content = saved(STATE | {"x": Zeros()}, new_format)
    refusal(tmp_path / "w.pth", content, "is refused: it holds code or objects")
    text = {"x": pickle.dumps(b"\x80" * 9, protocol=2)}  # which asks for an encoder by name
    refusal(tmp_path / "w.pth", saved(STATE | text, new_format), "is refused")


def test_a_tensor_that_repeats_one_number(tmp_path):
    """It has the size of terabytes and four bytes; the first use of it would fill the memory."""
    state = {"backbone.blocks.0.weight": torch.zeros(1).expand(2**40)}
    torch.save(state, tmp_path / "w.pth")
    user_error(
        lambda: read_weights(small_estimator(), tmp_path / "w.pth"),
        "declares weights of 4,398,046,511,104 bytes and holds 4",
    )


@pytest.mark.parametrize(
    ("index", "told"),
    [
        ('{"weight_map": {"weight": "../model.safetensors"}}', "names the shard '../model.safetensors'"),
        (
            '{"weight_map": {"weight": "/etc/passwd"}}',
            "names the shard '/etc/passwd', expected a file of its own folder",
        ),
        ('{"weight_map": {"weight": ".."}}', "names 1 shards that are not there, ['..']"),
        ('{"weight_map": {"weight": "a\\u0000b"}}', "names the shard"),
        ('{"weight_map": {"weight": "' + "\u00e9" * 128 + '"}}', "names the shard"),  # 256 bytes
        ('{"weight_map": {"weight": "gone.safetensors"}}', "names 1 shards that are not there, ['gone.safetensors']"),
        ('{"weight_map": {"weight": 3}}', "has no weight_map"),
        ('{"weight_map": {}}', "has no weight_map"),
        ("{}", "has no weight_map"),
        ("[]", "holds a list, expected a JSON object"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"weight_map": ' + "9" * 5000 + "}", "is no JSON"),
    ],
)
def test_indices_of_shards(tmp_path, index, told):
    folder = tmp_path / "folder"
    folder.mkdir()
    save_file(STATE, tmp_path / "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(index)
    for source in (folder, folder / "model.safetensors.index.json"):
        user_error(lambda source=source: read_checkpoint(source), told)


def test_folders_without_weights(tmp_path):
    user_error(lambda: read_checkpoint(tmp_path), "no checkpoint", "in that folder; it holds no weights at all")
    (tmp_path / "epoch_2.pth").write_bytes(WRITTEN["zip"])
    user_error(lambda: read_checkpoint(tmp_path), "in that folder; it holds epoch_2.pth: give one of them")
    (tmp_path / "model.safetensors").write_bytes(POINTER)
    user_error(lambda: read_checkpoint(tmp_path), "is a Git LFS pointer")
