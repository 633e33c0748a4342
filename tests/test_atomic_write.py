import errno
import os

import pytest

from mdetools.errors import UserError
from mdetools.files import failure_reason, replacing, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [False, True])
def test_the_file_appears_when_it_is_whole(tmp_path, durable):
    path = tmp_path / "new" / "file.txt"
    with replacing(path, durable=durable) as temporary:
        temporary.write_text("half")
        assert not path.exists() and temporary.parent == path.parent
        temporary.write_text("whole")
    assert path.read_text() == "whole" and names(path.parent) == ["file.txt"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError, OSError(errno.ENOSPC, "No space left on device")])
def test_what_stood_there_is_untouched_and_nothing_is_left(tmp_path, failure):
    path = tmp_path / "file.txt"
    path.write_text("before")
    expected = UserError if isinstance(failure, OSError) else failure
    with pytest.raises(expected), replacing(path) as temporary:
        temporary.write_text("half")
        raise failure
    assert path.read_text() == "before" and names(tmp_path) == ["file.txt"]


def test_a_failure_is_one_line_with_the_reason_and_the_cure(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match=r"below: cannot be written \(File exists\); choose another"):
        write_text(tmp_path / "file" / "below", "", advice="choose another")
    with pytest.raises(UserError, match=r"cannot be written \(Is a directory\)"):
        write_text(tmp_path, "text")
    assert failure_reason(OSError(errno.ENOSPC, "No space left on device")) == "the disk is full"
    hdf5 = OSError("Unable to synchronously create file\n (..., errno = 13, error message = 'Permission denied', ...)")
    assert failure_reason(hdf5) == "Permission denied"
    assert failure_reason(RuntimeError()) == "RuntimeError"


def test_a_planted_link_is_not_written_through(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / ".file.txt.tmp").symlink_to(secret)
    write_text(tmp_path / "file.txt", "text")
    assert secret.read_text() == "secret" and (tmp_path / "file.txt").read_text() == "text"


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reader, 100) == b"text" and not pipe.is_file() and names(tmp_path) == ["pipe"]
    os.close(reader)
