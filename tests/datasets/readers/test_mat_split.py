"""`splits.mat`: what MATLAB and scipy write is read, and everything else is refused in one line."""

import io
import struct
import zlib

import numpy as np
import pytest
from scipy.io import savemat
from support.user_errors import user_error

from mdetools.datasets.readers import read_mat_split


@pytest.fixture
def path(tmp_path):
    return tmp_path / "splits.mat"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_what_was_written_is_read(path, packed, dtype, count):
    values = {"trainNdxs": np.arange(1, count + 1, dtype=dtype)[:, None], "testNdxs": np.array([[7, 3]], dtype)}
    savemat(path, {"a": "text", "b": {"c": 1.0}, **values, "d": np.array([[1j]])}, do_compression=packed)
    assert read_mat_split(path, "trainNdxs") == list(range(1, count + 1))
    assert read_mat_split(path, "testNdxs") == [7, 3]


def element(order, kind, data):
    return struct.pack(f"{order}II", kind, len(data)) + data + bytes(-len(data) % 8)


@pytest.mark.parametrize(("order", "mark"), [("<", b"IM"), (">", b"MI")])
def test_by_hand_in_both_byte_orders(path, order, mark):
    """As MATLAB stores whole doubles: class 6, values in 16 bits; names of up to four letters within the tag."""
    numbers = struct.pack(f"{order}3H", 5, 300, 1449)
    short = struct.pack(f"{order}I", 3 << 16 | 1) + b"abc\x00"
    parts = element(order, 6, struct.pack(f"{order}II", 6, 0)) + element(order, 5, struct.pack(f"{order}ii", 3, 1))
    matrix = element(order, 14, parts + short + element(order, 4, numbers))
    packed = zlib.compress(matrix)
    for body in (matrix, struct.pack(f"{order}II", 15, len(packed)) + packed):
        path.write_bytes(b"MATLAB 5.0".ljust(124) + b"\x00\x01" + mark + body)
        assert read_mat_split(path, "abc") == [5, 300, 1449]


@pytest.mark.parametrize(
    "values", [[1.5], [0], [-1], [np.nan], [np.inf], [2e6], [1, 1e300], [1j], [True], "1 2", [], [{"a": 1}]], ids=repr
)
def test_what_are_no_image_numbers(path, values):
    savemat(path, {"trainNdxs": np.array(values)})
    if values == [True]:  # MATLAB's logical is a number of 8 bits
        assert read_mat_split(path, "trainNdxs") == [1]
    else:
        user_error(lambda: read_mat_split(path, "trainNdxs"), "splits.mat: 'trainNdxs' is", "image numbers from 1")


def test_every_cut_and_every_changed_byte_is_one_line_or_numbers(path):
    memory = io.BytesIO()
    savemat(memory, {"trainNdxs": np.arange(1, 30)[:, None], "testNdxs": np.array([[3]])}, do_compression=True)
    content = memory.getvalue()
    damaged = [content[:end] for end in range(len(content))]
    damaged += [
        content[:at] + bytes([value]) + content[at + 1 :] for at in range(124, len(content)) for value in (0, 255)
    ]
    read = 0
    for one in damaged:
        path.write_bytes(one)
        try:
            numbers = read_mat_split(path, "trainNdxs")
        except ValueError as error:
            assert type(error).__name__ == "UserError" and str(error).startswith(str(path))
        else:
            assert numbers == list(range(1, 30))
            read += 1
    assert 0 < read < len(damaged) / 2


@pytest.mark.parametrize("content", [b"", b"short", bytes(200), b"MATLAB" * 100, b"\x89HDF\r\n\x1a\n" + bytes(600)])
def test_what_is_no_mat_file(path, content):
    path.write_bytes(content)
    user_error(lambda: read_mat_split(path, "trainNdxs"), "splits.mat: not a readable .mat file", "-v7")


def test_a_level_4_file_and_a_stream_that_unpacks_to_itself(path):
    savemat(path, {"trainNdxs": np.ones((2, 1))}, format="4")
    user_error(lambda: read_mat_split(path, "trainNdxs"), "no header of level 5")
    inner = struct.pack("<II", 15, 8) + bytes(8)
    for _ in range(2000):  # within each other
        packed = zlib.compress(inner, 0)
        inner = struct.pack("<II", 15, len(packed)) + packed
    path.write_bytes(bytes(124) + b"\x00\x01IM" + inner)
    user_error(lambda: read_mat_split(path, "trainNdxs"), "no 'trainNdxs' in the file")
