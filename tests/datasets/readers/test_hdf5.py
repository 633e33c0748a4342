"""Arrays of HDF5 files come out as HDF5 itself reads them, and damaged ones are refused."""

import zlib

import h5py
import numpy as np
import pytest

from mdetools.datasets.readers import hdf5
from mdetools.datasets.readers.hdf5 import read_array

GZIP = dict(chunks=(7, 16), compression="gzip")
LAYOUTS = {
    "gzip": GZIP,
    "gzip, best": dict(chunks=(20, 40), compression="gzip", compression_opts=9),
    "chunks that h5py chooses": dict(compression="gzip"),
    "contiguous": {},
    "chunks, not compressed": dict(chunks=(7, 16)),
    "shuffled": dict(GZIP, shuffle=True),
    "with checksums": dict(GZIP, fletcher32=True),
    "lzf": dict(chunks=(7, 16), compression="lzf"),
}
VALUES = np.random.default_rng(0).integers(0, 9, (20, 40))


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "arrays.h5", "w") as file:
        yield file


@pytest.mark.parametrize("dtype", ["uint8", "float32", ">f4", "float64", "bool"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_equals_what_was_written(file, layout, dtype):
    written = VALUES.astype(dtype)
    read = read_array(file.create_dataset("x", data=written, **LAYOUTS[layout]))
    assert read.dtype == written.dtype
    np.testing.assert_array_equal(read, written)


def test_three_dimensions(file):
    written = np.random.default_rng(1).integers(0, 255, (3, 31, 50), np.uint8)
    np.testing.assert_array_equal(
        read_array(file.create_dataset("rgb", data=written, chunks=(1, 8, 13), compression="gzip")), written
    )


def test_gzip_is_unpacked_by_libdeflate(file, monkeypatch):
    sizes = []

    def unpack(data: bytes, size: int) -> bytes:
        sizes.append(size)
        return zlib.decompress(data)

    monkeypatch.setattr(hdf5.deflate, "zlib_decompress", unpack)
    read = read_array(file.create_dataset("x", data=VALUES, **GZIP))
    assert sizes == [7 * 16 * VALUES.itemsize] * 9  # 3 x 3 chunks, those at the end in full size
    np.testing.assert_array_equal(read, VALUES)


def test_chunks_that_were_never_written_hold_the_fill_value(file):
    dataset = file.create_dataset("x", VALUES.shape, int, fillvalue=5, **GZIP)
    dataset[:7] = 1
    np.testing.assert_array_equal(read_array(dataset), np.where(np.arange(20)[:, None] < 7, 1, 5).repeat(40, 1))


def test_a_chunk_that_was_left_unpacked(file):
    dataset = file.create_dataset("x", (14, 16), np.uint8, **GZIP)
    dataset[:7] = 3
    plain = np.arange(112, dtype=np.uint8).reshape(7, 16)
    dataset.id.write_direct_chunk((7, 0), plain.tobytes(), filter_mask=1)
    read = read_array(dataset)
    np.testing.assert_array_equal(read, dataset[()])
    np.testing.assert_array_equal(read[7:], plain)


@pytest.mark.parametrize("shape", [(), (0, 4)])
def test_scalars_and_empty_arrays(file, shape):
    written = np.full(shape, 2.5)
    np.testing.assert_array_equal(read_array(file.create_dataset("x", data=written)), written)


@pytest.mark.parametrize("damage", ["cut", "changed", "too short"])
def test_a_damaged_chunk_is_refused(file, damage):
    dataset = file.create_dataset("x", data=VALUES, **GZIP)
    packed = dataset.id.read_direct_chunk((7, 16))[1]
    broken = {
        "cut": packed[:-6],
        "changed": bytes(byte ^ (at == len(packed) // 2) for at, byte in enumerate(packed)),
        "too short": zlib.compress(bytes(100)),
    }
    dataset.id.write_direct_chunk((7, 16), broken[damage])
    with pytest.raises(OSError, match=r"^/x: the chunk at \(7, 16\) is damaged"):
        read_array(dataset)
