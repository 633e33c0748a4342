"""An HDF5 file is read alone: nothing that it names elsewhere, and nothing but numbers. Errors that are not its own."""

import fcntl
import os

import h5py
import numpy as np
import pytest
from support.nyu_layout import make_frame, write_h5
from support.user_errors import user_error

from mdetools.datasets import NYUDataset
from mdetools.datasets.readers import read_h5

IMAGE, DEPTH = make_frame()


@pytest.fixture
def dataset(tmp_path):
    """A data set of one file, and what opens the file to put something else in place of its `rgb`."""
    path = write_h5(tmp_path / "data/train/a/1.h5", IMAGE, DEPTH)
    other = write_h5(tmp_path / "outside.h5", IMAGE, DEPTH)
    return NYUDataset(str(tmp_path / "data")), path, other


@pytest.mark.parametrize("kind", ["external", "soft", "soft to external"])
def test_links_are_not_followed(dataset, kind):
    frames, path, other = dataset
    with h5py.File(path, "a") as file:
        del file["rgb"]
        if kind == "external":
            file["rgb"] = h5py.ExternalLink(str(other), "rgb")
        else:
            file["other"] = h5py.ExternalLink(str(other), "/")
            file["rgb"] = h5py.SoftLink("/other/rgb" if kind == "soft to external" else "/depth")
    user_error(lambda: frames[0], str(path), "'rgb' is a link", "expected an array")


def test_an_external_link_to_a_pipe_is_not_opened(dataset, tmp_path):
    frames, path, _ = dataset
    os.mkfifo(tmp_path / "pipe")
    with h5py.File(path, "a") as file:
        del file["depth"]
        file["depth"] = h5py.ExternalLink(str(tmp_path / "pipe"), "depth")
    user_error(lambda: frames[0], "'depth' is a link")


@pytest.mark.parametrize("name", ["rgb", "depth", "intrinsics"])
def test_external_storage_is_not_read(dataset, tmp_path, name):
    frames, path, _ = dataset
    (tmp_path / "secret").write_bytes(bytes(range(256)) * 40)
    with h5py.File(path, "a") as file:
        file.pop(name, None)
        file.create_dataset(name, (3, 24, 32), "u1", external=[(str(tmp_path / "secret"), 0, 3 * 24 * 32)])
    user_error(lambda: frames[0], str(path), f"'{name}' lies in other files")


def test_a_virtual_array_is_not_read(dataset):
    frames, path, other = dataset
    layout = h5py.VirtualLayout((3, 24, 32), "u1")
    layout[:] = h5py.VirtualSource(str(other), "rgb", (3, 24, 32))
    with h5py.File(path, "a") as file:
        del file["rgb"]
        file.create_virtual_dataset("rgb", layout)
    user_error(lambda: frames[0], "'rgb' lies in other files")


@pytest.mark.parametrize(
    "values",
    [np.array([b"a", b"bc"]), np.array(["a"], h5py.string_dtype()), np.zeros(3, [("x", "f4")]), np.zeros(3, "c16")],
)
def test_what_is_no_number(dataset, values):
    frames, path, _ = dataset
    with h5py.File(path, "a") as file:
        del file["rgb"]
        file["rgb"] = values
    user_error(lambda: frames[0], str(path), "'rgb' is of type", "expected numbers")


def test_a_pipe_with_the_right_ending(tmp_path):
    (tmp_path / "train").mkdir()
    os.mkfifo(tmp_path / "train/1.h5")
    user_error(lambda: NYUDataset(str(tmp_path))[0], "1.h5: cannot be read (is a pipe or a device)", "an HDF5 file")


def test_a_good_file_that_another_program_writes(dataset):
    frames, path, _ = dataset
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        line = user_error(lambda: frames[0], str(path), "another program has it open for writing")
    assert "delete" not in line
    frames[0]


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        (24, "unable to open file: errno = 24, error message = 'Too many open files'", "ulimit -n"),
        (37, "unable to lock file, errno = 37, error message = 'No locks available'", "HDF5_USE_FILE_LOCKING=FALSE"),
        (524, "unable to lock file, errno = 524, error message = 'Unknown error'", "HDF5_USE_FILE_LOCKING=FALSE"),
        (5, "unable to read: errno = 5, error message = 'Input/output error'", "network share fails"),
        (12, "unable to allocate: errno = 12, error message = 'Cannot allocate memory'", "memory ran out"),
    ],
)
def test_what_is_no_fault_of_the_file(dataset, monkeypatch, code, message, words):
    def fail(*_):
        raise OSError(code, f"Unable to synchronously open file ({message})")

    _, path, _ = dataset
    monkeypatch.setattr(h5py, "File", fail)
    line = user_error(lambda: read_h5(str(path), ("rgb",)), str(path), words)
    assert "delete" not in line and "not a readable" not in line
