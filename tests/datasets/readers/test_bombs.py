"""Small files that declare or unpack to a lot are refused before memory is taken for them; a limit can be lifted."""

import io
import resource
import struct
import time
import zipfile
import zlib

import cv2
import h5py
import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.readers import GroundTruthFile, LabeledMatFile, read_h5, read_image, read_mat_split

LIFT = "MDETOOLS_MAX_MIB"


@pytest.fixture(autouse=True)
def little_memory_and_time():
    """No test here takes more than a few seconds and 400 MiB above what the process has had."""
    start, peak = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - start < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 400 * 1024


def png_of(width, height, rows=b""):
    """A grey PNG that declares this size."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(size, times):
    """A gzip stream that unpacks to `size` x `times` zeros, made of one part of it many times."""
    packer = zlib.compressobj(9)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    part = packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (size * times % 65521) << 16 | 1
    return start + part * times + b"\x03\x00" + checksum.to_bytes(4, "big")


def test_the_bomb_is_one():
    assert zlib.decompress(bomb(1000, 7)) == bytes(7000) and len(bomb(2**24, 96)) < 2**21


def write_h5(path, **declared):
    """A file whose `rgb` is declared and never written, with a small `depth`."""
    with h5py.File(path, "w") as file:
        file.create_dataset("rgb", **declared)
        file["depth"] = np.zeros((4, 4), np.float32)
    return str(path)


@pytest.mark.parametrize(
    "declared",
    [
        dict(shape=(3, 2**20, 2**20), dtype="u1", chunks=(1, 64, 64)),
        dict(shape=(3, 30000, 30000), dtype="u1", chunks=(1, 64, 64), compression="gzip"),
        dict(shape=(2**40,), dtype="f8", chunks=(2**10,)),
        dict(shape=(3, 8, 8), maxshape=(None, None, None), chunks=(3, 2**13, 2**14), dtype="u1"),
        dict(shape=(3, 8, 8), maxshape=(None, None, None), chunks=(3, 2**13, 2**14), dtype="u1", compression="gzip"),
    ],
)
def test_an_h5_file_that_declares_much(tmp_path, declared):
    path = write_h5(tmp_path / "a.h5", **declared)
    user_error(lambda: read_h5(path, ("rgb", "depth")), path, "'", "rgb'", "MiB, expected 256 at most", LIFT)


@pytest.mark.parametrize("filters", [{}, dict(shuffle=True), dict(fletcher32=True)])
def test_a_gzip_chunk_that_unpacks_to_more_than_it_holds(tmp_path, filters):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("rgb", (3, 8, 8), "u1", chunks=(3, 8, 8), compression="gzip", **filters)
        data.id.write_direct_chunk((0, 0, 0), bomb(2**24, 96), filter_mask=0)
    user_error(lambda: read_h5(str(path), ("rgb",)), str(path), "the chunk at (0, 0, 0) is damaged")


def test_one_image_of_the_labelled_file_that_is_too_large(tmp_path):
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file.create_dataset("images", (5, 3, 2**14, 2**14), "u1", chunks=(1, 1, 64, 64))
        file.create_dataset("depths", (5, 8, 8), "f4")
    user_error(lambda: LabeledMatFile(tmp_path / "a.mat", "depths").read(2), "a.mat (image 2): takes 768 MiB", LIFT)


def test_a_png_that_declares_much(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png_of(32768, 32767, zlib.compress(bytes(10**6))))
    user_error(lambda: read_image(path), f"{path}: an image of 32767x32768: takes 3072 MiB", LIFT)


@pytest.mark.parametrize("ending", [".jpg", ".bmp", ".tiff", ".gif", ".pfm", ".ppm"])
def test_other_images_that_declare_much(tmp_path, ending):
    image = np.zeros((250, 251, 3), np.float32 if ending == ".pfm" else np.uint8)
    content = cv2.imencode(ending, image)[1].tobytes()
    order = ">" if ending == ".jpg" else "<"
    small, large = ((b"250", b"251"), (b"60000", b"60001")) if ending in (".pfm", ".ppm") else (
        [struct.pack(f"{order}H", side) for side in sides] for sides in ((250, 251), (60000, 60001))
    )  # fmt: skip
    for before, after in zip(small, large, strict=True):
        assert before in content
        content = content.replace(before, after)
    (tmp_path / f"image{ending}").write_bytes(content)
    user_error(lambda: read_image(tmp_path / f"image{ending}"), "an image of 60000x60001: takes 1.03e+04 MiB", LIFT)


def test_a_png_chunk_that_declares_more_than_the_file_holds(tmp_path):
    content = cv2.imencode(".png", np.zeros((30, 45, 4), np.uint8))[1].tobytes()
    (tmp_path / "a.png").write_bytes(content[:33] + struct.pack(">I", 0x40000FFA) + content[37:])
    user_error(lambda: read_image(tmp_path / "a.png"), "not a readable image")


def test_the_limit_can_be_lifted(tmp_path, monkeypatch):
    image = np.indices((700, 800)).sum(0)[..., None].astype(np.uint8).repeat(3, 2)
    cv2.imwrite(str(tmp_path / "a.png"), image[..., ::-1])
    monkeypatch.setenv(LIFT, "1")
    user_error(lambda: read_image(tmp_path / "a.png"), "an image of 700x800: takes 1.602 MiB, expected 1 at most")
    for more in ("2", "0"):
        monkeypatch.setenv(LIFT, more)
        assert np.array_equal(read_image(tmp_path / "a.png"), image)


def test_an_npz_that_unpacks_to_much(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        memory = io.BytesIO()
        np.lib.format.write_array(memory, np.array("velodyne"))
        archive.writestr("depth_source.npy", memory.getvalue())
        with archive.open("one.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array_header_1_0(file, dict(descr="<f4", fortran_order=False, shape=(2**13, 2**13)))
            for _ in range(2**8):
                file.write(bytes(2**20))
    user_error(lambda: GroundTruthFile(str(path), ["one"]).depth("one"), f"{path}: 'one': takes 256", LIFT)


def test_a_mat_split_that_unpacks_to_much(tmp_path, monkeypatch):
    monkeypatch.setenv(LIFT, "16")
    packed = zlib.compress(bytes(2**25))
    (tmp_path / "a.mat").write_bytes(bytes(124) + b"\x00\x01IM" + struct.pack("<II", 15, len(packed)) + packed)
    user_error(lambda: read_mat_split(tmp_path / "a.mat", "trainNdxs"), "a.mat: takes 16 MiB", LIFT)


@pytest.mark.parametrize("packing", [{}, {"compression": "gzip"}, {"shuffle": True, "compression": "gzip"}])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_chunk_that_is_shorter_than_its_checksum(tmp_path, size, packing):
    """HDF5 itself reads beyond its memory there, and the process dies."""
    path = str(tmp_path / "a.h5")
    with h5py.File(path, "w") as file:
        array = file.create_dataset("depth", data=np.ones((4, 6)), chunks=(2, 3), fletcher32=True, **packing)
        array.id.write_direct_chunk((2, 3), b"x" * size)
    user_error(lambda: read_h5(path, ["depth"]), "a chunk that is too short for its checksum")
