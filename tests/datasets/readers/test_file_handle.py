"""Each process opens a file for itself."""

import pickle
from functools import partial

from mdetools.datasets.readers.file_handle import FileHandle


def test_opened_once_per_process_and_not_pickled(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("abc")
    handle = FileHandle(partial(open, tmp_path / "a"))
    file = handle.get()
    assert file.read(1) == "a" and handle.get() is file
    copy = pickle.loads(pickle.dumps(handle))  # as a spawned worker gets it
    assert copy.get().read() == "abc"
    monkeypatch.setattr("os.getpid", lambda: -5)  # as after a fork, which shares the position in the file
    other = handle.get()
    assert other is not file and other.read() == "abc"
    assert file.read() == "bc"
    for opened in (file, other, copy.file):
        opened.close()
