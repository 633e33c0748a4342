import errno
import os

import pytest

from mdetools.errors import UserError
from mdetools.files import failure_cure, failure_reason, replacing, write_text


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
    assert failure_reason(OSError(errno.EDQUOT, "Disk quota exceeded")) == "the disk quota is used up"
    hdf5 = OSError("Unable to synchronously create file\n (..., errno = 13, error message = 'Permission denied', ...)")
    assert failure_reason(hdf5) == "Permission denied"
    assert failure_cure(hdf5).startswith("get the right to write there")
    assert failure_reason(RuntimeError()) == "RuntimeError"


@pytest.mark.parametrize(
    ("number", "cure"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EROFS, "mount it for writing, or choose another folder,"),
        (errno.EACCES, "get the right to write there, or choose another folder,"),
        (errno.EPERM, "get the right to write there, or choose another folder,"),
        (errno.EMFILE, "raise the limit (ulimit -n) or lower num_workers"),
        (errno.ENFILE, "raise the limit (ulimit -n) or lower num_workers"),
        (errno.ENOENT, "see that its folder is there"),
        (errno.ESTALE, "check the disk and its mount"),
        (errno.EIO, "check the disk and its mount"),
        (errno.EINVAL, "fix that"),
    ],
)
def test_the_advice_follows_from_the_kind_of_the_error(tmp_path, number, cure):
    """A missing folder needs no free space."""
    for advice, sentence in (("{cure} and run it again", f"{cure} and run it again"), ("choose", "choose")):
        with pytest.raises(UserError) as caught, replacing(tmp_path / "a", advice):
            raise OSError(number, os.strerror(number))
        assert str(caught.value).endswith(f"); {sentence}")
    assert names(tmp_path) == []


def test_a_folder_that_goes_while_it_is_written_to(tmp_path):
    path = tmp_path / "run" / "a"
    with pytest.raises(UserError) as caught, replacing(path) as temporary:
        temporary.unlink()
        path.parent.rmdir()
        temporary.write_text("text")
    message = "cannot be written (No such file or directory); see that its folder is there and run it again"
    assert str(caught.value) == f"{path}: {message}"


def test_two_writers_of_one_path_do_not_meet(tmp_path):
    """The file is one of the two, whole, and neither fails, whoever ends first."""
    path = tmp_path / "file.txt"
    with replacing(path) as first:
        first.write_text("fir")
        with replacing(path) as second:
            assert second != first
            second.write_text("second")
        assert path.read_text() == "second"
        first.write_text("first")
    assert path.read_text() == "first" and names(tmp_path) == ["file.txt"]


def test_a_planted_link_of_the_very_name_is_refused(tmp_path, monkeypatch):
    """Nobody can know the name, so that this takes a look into the future."""
    monkeypatch.setattr("os.urandom", bytes)
    (tmp_path / ".file.txt.00000000.tmp").symlink_to(tmp_path / "secret")
    with pytest.raises(UserError, match=r"cannot be written \(File exists\)"):
        write_text(tmp_path / "file.txt", "text")
    assert not (tmp_path / "secret").exists()


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
