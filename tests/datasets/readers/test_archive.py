"""Reading files inside archives: nothing is unpacked to the disk, and a damaged archive is an error of one line."""

import io
import pickle
import tarfile
import zipfile
from functools import partial

import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.readers.archive import Archive


def tar_of(path, entries):
    with tarfile.open(path, "w") as archive:
        for name, content, *more in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in (more[0] if more else {}).items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return path


def zip_of(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_what_is_no_file_is_left_out(tmp_path):
    link = dict(type=tarfile.SYMTYPE, linkname="/etc/passwd")
    device = dict(type=tarfile.CHRTYPE)
    path = tar_of(
        tmp_path / "a.tar",
        [
            ("./a/1", b"one"),
            ("a/link", b"", link),
            ("a/zero", b"", device),
            ("a/._1", b"x"),
            (".git/2", b"y"),
            ("3", b""),
        ],
    )
    archive = Archive(path)
    assert archive.names == ["3", "a/1"] and archive.read("a/1") == b"one" and archive.read("3") == b""
    linked = zipfile.ZipInfo("b/link")
    linked.external_attr = 0o120777 << 16
    path = zip_of(tmp_path / "a.zip", [("a\\1", b"one"), (linked, b"/etc/passwd"), ("b/", b"")])
    assert Archive(path).names == ["a/1"] and Archive(path).read("a/1") == b"one"


@pytest.mark.parametrize("name", ["../1", "a/../../1", "/etc/1", "C:/1", "..\\1"])
@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_a_name_that_leads_out_is_refused(tmp_path, name, make):
    path = make(tmp_path / f"a.{make.__name__[:3]}", [("good", b""), (name, b"")])
    user_error(lambda: Archive(path), str(path), "has a file called '", "expected names that stay inside")


def test_the_last_of_two_files_of_one_name_counts(tmp_path):
    path = tar_of(tmp_path / "a.tar", [("1", b"old"), ("1", b"new")])
    assert Archive(path).read("1") == b"new"


def test_a_file_beyond_the_limit_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setenv("MDETOOLS_MAX_MIB", "1")
    bomb = bytes(3 * 2**20)
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bomb)
        archive.writestr("small.png", b"small")
    for path in (packed, tar_of(tmp_path / "bomb.tar", [("bomb.png", bomb), ("small.png", b"small")])):
        archive = Archive(path)
        user_error(partial(archive.read, "bomb.png"), f"{path}/bomb.png: takes 3 MiB, expected 1 at most")
        assert archive.read("small.png") == b"small"


def test_a_header_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    """A header of tar's newer kind is read whole; it can declare whatever it likes."""
    monkeypatch.setenv("MDETOOLS_MAX_MIB", "1")
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 2**32
    path = tmp_path / "a.tar"
    path.write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10240))
    user_error(partial(Archive, path), str(path), "a piece of the archive: takes 4096 MiB")


def damaged(path, at, value=None):
    content = bytearray(path.read_bytes())
    if value is None:
        del content[at:]
    else:
        content[at] ^= value
    path.write_bytes(content)
    return path


def test_damage_is_one_line(tmp_path):
    noise = np.random.default_rng(0).bytes(5000)
    entries = [("1", noise), ("2", noise)]
    user_error(lambda: Archive(tmp_path / "none.zip"), "none.zip: cannot be read (No such file")
    (tmp_path / "a.zip").write_bytes(b"PK no archive")
    user_error(lambda: Archive(tmp_path / "a.zip"), "a.zip: the archive cannot be read (", "copy it again")
    user_error(lambda: Archive(damaged(zip_of(tmp_path / "b.zip", entries), 6000)), "b.zip: the archive cannot")
    flipped = Archive(damaged(zip_of(tmp_path / "c.zip", entries), 1000, 1))
    user_error(lambda: flipped.read("1"), "c.zip/1: the file cannot be read (Bad CRC-32")
    user_error(lambda: Archive(damaged(tar_of(tmp_path / "d.tar", entries), 100, 1)), "d.tar: the archive cannot be")
    whole = tar_of(tmp_path / "e.tar", [("1", noise)])
    before = pickle.dumps(Archive(whole))
    user_error(lambda: Archive(damaged(whole, 2000)), "e.tar: the archive cannot be read (unexpected end of data)")
    user_error(lambda: pickle.loads(before).read("1"), "e.tar/1: the file cannot be read (the archive ends too early)")
    with zipfile.ZipFile(zip_of(tmp_path / "h.zip", [("1", b"secret")])) as archive:
        at = archive.start_dir + 8
    locked = Archive(damaged(damaged(tmp_path / "h.zip", at, 1), 6, 1))
    user_error(lambda: locked.read("1"), "h.zip/1: the file cannot be read (", "encrypted")
