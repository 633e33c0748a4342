"""What is looked at before a file is read, and what is said when it cannot be."""

import errno
import os
import resource
import time
from pathlib import Path

import pytest
from support.user_errors import user_error

from mdetools.errors import UserError
from mdetools.reading import check_size, files_read, is_file, read_bytes, read_cure, read_lines, require_file


def test_a_user_error_is_one_printable_line():
    assert str(UserError("a: found 5, expected 6; fix it")) == "a: found 5, expected 6; fix it"
    assert str(UserError("a\x1b[31m\x00\nb\u202e\udcff")) == "a?[31m? b??"
    assert len(str(UserError("x" * 3000))) == 1000
    worker = "Caught UserError in DataLoader worker process 0.\nTraceback ...\nmdetools.errors.UserError: a: b; c"
    assert str(UserError(worker)) == "a: b; c"


def test_what_is_read_can_be_watched(tmp_path):
    names = [str(tmp_path / name) for name in ("a.txt", "b.txt", "gone.txt")]
    for name in names[:2]:
        Path(name).write_text("one\n")
    with files_read() as outer:
        read_lines(names[0], "a text")
        with files_read() as inner:
            read_bytes(names[1], "a text")
            user_error(lambda: read_bytes(names[2], "a text"), "gone.txt")
    read_lines(names[0], "a text")
    assert inner == names[1:] and outer == names


@pytest.mark.parametrize(("text", "allowed"), [(None, 2**28), ("1", 2**20), ("3000", 3000 * 2**20), ("0", 2**70)])
def test_the_limit_is_in_one_place_and_can_be_lifted(monkeypatch, text, allowed):
    if text is not None:
        monkeypatch.setenv("MDETOOLS_MAX_MIB", text)
    check_size(allowed, "file")
    if text != "0":
        user_error(lambda: check_size(allowed + 1, "a.h5: 'rgb'"), "a.h5: 'rgb': takes ", "MDETOOLS_MAX_MIB=N")


@pytest.mark.parametrize("text", ["", "many", "-1", "1e3", "1" * 5000])
def test_a_limit_that_is_no_number(monkeypatch, text):
    monkeypatch.setenv("MDETOOLS_MAX_MIB", text)
    user_error(lambda: check_size(1, "file"), "MDETOOLS_MAX_MIB is '", "expected a number of MiB, or 0 for no limit")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EMFILE, "ulimit -n"),
        (errno.ENFILE, "num_workers"),
        (errno.EACCES, "right to read"),
        (errno.EIO, "share fails"),
        (errno.ESTALE, "share fails"),
        (errno.EAGAIN, "another program has it open"),
        (errno.ENOLCK, "HDF5_USE_FILE_LOCKING=FALSE"),
        (errno.ENOMEM, "memory ran out"),
    ],
)
def test_advice_goes_by_the_kind_of_the_error(code, words):
    cure = read_cure(OSError(code, os.strerror(code)), "copy it again or delete it")
    assert words in cure and "delete" not in cure


def test_advice_where_the_file_is_to_blame():
    assert read_cure(OSError("Unable to open file (bad magic)"), "copy it again") == "copy it again"
    assert "memory" in read_cure(MemoryError(), "copy it again")
    assert "HDF5_USE_FILE_LOCKING" in read_cure(OSError(524, "unable to lock file, errno = 524"), "copy it again")


def test_what_is_no_file_of_its_own_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    start = time.monotonic()
    for path in (tmp_path / "pipe", "/dev/zero", "/dev/stdin"):
        if not is_file(tmp_path.joinpath(path)):
            user_error(lambda path=path: read_bytes(path, "an image file"), "is a pipe or a device", "an image file")
    user_error(lambda: read_bytes(tmp_path, "an image file"), "Is a directory")
    for name in ("none", "x" * 300, "a\x00b"):
        assert not is_file(tmp_path / name)
        user_error(lambda name=name: require_file(tmp_path / name, "a list"), "cannot be read (", "expected a list")
    assert time.monotonic() - start < 5


def test_a_large_file_is_not_read(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**40)
    user_error(lambda: read_bytes(tmp_path / "sparse", "a list"), "sparse: takes 1.049e+06 MiB, expected 256 at most")


def test_too_many_open_files(tmp_path):
    (tmp_path / "list").write_text("a")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir()) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (used, before[1]))
    opened = []
    try:
        with pytest.raises(OSError):
            while True:
                opened.append(os.open(tmp_path, os.O_RDONLY))
        user_error(lambda: read_bytes(tmp_path / "list", "a list"), "Too many open files", "ulimit -n")
    finally:
        for one in opened:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_lines_with_a_byte_order_mark_or_without(tmp_path, start):
    (tmp_path / "list").write_bytes(start + "é one\r\ntwo\u00a0words\n\n\tthree".encode())
    assert read_lines(tmp_path / "list", "lines") == ["é one", "two\u00a0words", "", "\tthree"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("ab\né".encode("latin-1"), ["list:2: not a readable text file (byte 0xe9 is no UTF-8)", "save it as UTF-8"]),
        ("ab".encode("utf-16"), ["list:1: not a readable text file (byte 0xff is no UTF-8)"]),
        (b"a\n\x1b[31mred\n", ["list:2: holds control characters"]),
        (b"a\x00b", ["list:1: holds control characters"]),
        ("a\nb\n\u202ec".encode(), ["list:3: holds control characters"]),
    ],
)
def test_lines_that_are_no_text(tmp_path, content, words):
    (tmp_path / "list").write_bytes(content)
    user_error(lambda: read_lines(tmp_path / "list", "lines of numbers"), *words, "expected lines of numbers")


def test_a_name_of_thousands_of_characters_is_one_short_line(tmp_path):
    path = tmp_path.joinpath(*["long" * 50] * 12)
    assert len(user_error(lambda: require_file(path, "an image"), "an image")) < 1000
