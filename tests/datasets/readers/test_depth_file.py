"""Depth files as they are stored, and what is no depth file."""

import io
import pickle
import zipfile

import cv2
import h5py
import numpy as np
import OpenEXR
import pytest
import tifffile
from scipy.io import savemat
from support.depth_formats import WRITERS, write_depth
from support.user_errors import user_error

from mdetools.datasets.readers.depth_file import DEPTH_ENDINGS, read_depth_file

DEPTH = np.random.default_rng(0).uniform(0.5, 9, (12, 17)).astype(np.float32)
ENDINGS = sorted(WRITERS)
COPIES = ("copy it again", "write it again", "copy the file again", "save it again")


def stored(ending):
    return DEPTH if ending != ".png" else (DEPTH * 1000).astype(np.uint16)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_was_written_is_read(tmp_path, ending):
    for name in (f"depth{ending}", f"DEPTH{ending.upper()}"):
        values = read_depth_file(write_depth(tmp_path / f"depth{ending}", stored(ending)).rename(tmp_path / name))
        np.testing.assert_array_equal(values, stored(ending))
        assert values.dtype == stored(ending).dtype and values.flags.c_contiguous


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("left", [0, 4, 0.3, 0.9])
def test_a_cut_file_is_one_line(tmp_path, ending, left):
    path = write_depth(tmp_path / f"depth{ending}", stored(ending))
    content = path.read_bytes()
    path.write_bytes(content[: int(left if left >= 1 else left * len(content))])
    line = user_error(lambda: read_depth_file(path), str(path))
    assert any(words in line for words in COPIES), line


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_file_a_folder_and_another_content(tmp_path, ending):
    path = tmp_path / f"depth{ending}"
    user_error(lambda: read_depth_file(path), str(path), "No such file or directory")
    path.mkdir()
    user_error(lambda: read_depth_file(path), str(path), "Is a directory")
    path.rmdir()
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    user_error(lambda: read_depth_file(path), str(path))


@pytest.mark.parametrize("name", ["depth.jpg", "depth", "depth.png.bak", "depth.txt"])
def test_another_ending_is_refused_with_those_that_are_read(tmp_path, name):
    user_error(lambda: read_depth_file(tmp_path / name), "a depth file cannot have the ending", *DEPTH_ENDINGS)


@pytest.mark.parametrize("shape", [(1, 12, 17), (12, 17, 1), (1, 1, 12, 17), (3, 12, 17), (12, 17, 3), (12, 17, 4)])
@pytest.mark.parametrize("ending", [".npy", ".npz", ".h5", ".mat"])
def test_equal_channels_and_axes_of_length_1_are_a_map(tmp_path, shape, ending):
    values = np.broadcast_to(DEPTH[..., None] if shape[0] == 12 else DEPTH, shape).copy()
    if shape[-1] == 4:
        values[..., 3] = 255  # opacity
    np.testing.assert_array_equal(read_depth_file(write_depth(tmp_path / f"depth{ending}", values)), DEPTH)


def test_equal_channels_with_holes_that_are_nan(tmp_path):
    values = np.where(DEPTH > 5, np.nan, DEPTH)
    path = write_depth(tmp_path / "depth.npy", np.dstack([values] * 3))
    np.testing.assert_array_equal(read_depth_file(path), values)


def test_a_coloured_picture_of_depth_is_no_depth(tmp_path):
    grey = (DEPTH * 25).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "grey.png"), np.dstack([grey] * 3))
    np.testing.assert_array_equal(read_depth_file(tmp_path / "grey.png"), grey)
    cv2.imwrite(str(tmp_path / "colour.png"), cv2.applyColorMap(grey, cv2.COLORMAP_JET))
    user_error(lambda: read_depth_file(tmp_path / "colour.png"), "colour.png: depth has 3 channels that differ", "one")


WRONG = {
    "bool": (np.ones((3, 4), bool), "is of type bool, expected numbers"),
    "complex": (np.ones((3, 4), complex), "is of type complex128, expected numbers"),
    "text": (np.array([["a", "b"]]), "expected numbers"),
    "one axis": (np.ones(5), "depth has shape (5,), expected (H, W)"),
    "a number": (np.float32(3), "depth has shape (), expected (H, W)"),
    "nothing": (np.ones((0, 4)), "depth has shape (0, 4), expected (H, W)"),
    "many channels": (np.ones((12, 17, 9)), "depth has shape (12, 17, 9), expected (H, W)"),
    "five axes": (np.ones((2, 2, 2, 2, 2)), "expected (H, W)"),
    "columns by name": (np.zeros((3, 4), [("z", "f4")]), "expected numbers"),
    "longer floats": (np.ones((3, 4), np.longdouble), "expected numbers"),
}


@pytest.mark.parametrize("case", WRONG)
def test_arrays_that_are_no_map_of_numbers(tmp_path, case):
    values, expected = WRONG[case]
    np.save(tmp_path / "depth.npy", values)
    user_error(lambda: read_depth_file(tmp_path / "depth.npy"), "depth.npy: depth", expected)


class Trap:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


@pytest.mark.parametrize("ending", [".npy", ".npz"])
def test_nothing_is_unpickled(tmp_path, ending):
    path = tmp_path / f"depth{ending}"
    (np.save if ending == ".npy" else np.savez)(path, np.array([[Trap()]], object))
    user_error(lambda: read_depth_file(path), str(path), "cannot be read (holds pickled objects)")
    path.write_bytes(pickle.dumps(Trap()))
    user_error(lambda: read_depth_file(path), str(path), "cannot be read")


def test_the_array_of_several_is_named(tmp_path):
    arrays = {"depth": DEPTH, "mask": DEPTH > 1}
    others = {"range": DEPTH, "mask": DEPTH > 1}
    for ending, save in ((".npz", np.savez), (".mat", savemat), (".h5", save_h5)):
        for name, saved in (("a", arrays), ("b", others), ("c", {"range": DEPTH})):
            path = tmp_path / f"{name}{ending}"
            save(path, **saved) if save is np.savez else save(path, saved)
        np.testing.assert_array_equal(read_depth_file(tmp_path / f"a{ending}"), DEPTH)
        np.testing.assert_array_equal(read_depth_file(tmp_path / f"b{ending}", "range"), DEPTH)
        np.testing.assert_array_equal(read_depth_file(tmp_path / f"c{ending}"), DEPTH)
        user_error(lambda ending=ending: read_depth_file(tmp_path / f"b{ending}"), "range", "mask", "depth_key='...'")
        user_error(lambda ending=ending: read_depth_file(tmp_path / f"b{ending}", "dept"), "'dept'", "mask")


def save_h5(path, arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
        file.create_group("sensor")["raw"] = values


def test_an_array_in_a_group_of_a_file(tmp_path):
    save_h5(tmp_path / "a.h5", {"depth": DEPTH})
    np.testing.assert_array_equal(read_depth_file(tmp_path / "a.h5", "sensor/raw"), DEPTH)
    user_error(lambda: read_depth_file(tmp_path / "a.h5", "sensor/depth"), "no 'sensor/depth' in the file")
    user_error(lambda: read_depth_file(tmp_path / "a.h5", "other/depth"), "no 'other/depth' in the file")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["out"] = h5py.ExternalLink(str(tmp_path / "b.h5"), "/sensor")
    save_h5(tmp_path / "b.h5", {"depth": DEPTH})
    user_error(lambda: read_depth_file(tmp_path / "a.h5", "out/raw"), "is a link, perhaps to another file")


@pytest.mark.parametrize("scale", [b"-1.0", b"1.0", b"-0.003922", b"256", b"-1"])
@pytest.mark.parametrize(
    "header", [b"Pf\n17 12\n%b\n", b"Pf\r\n17 12\r\n%b\r\n", b"Pf 17 12 %b\n", b"Pf\n17\n12\n%b\n"]
)
def test_pfm_of_any_scale_holds_pixels(tmp_path, scale, header):
    order = "<" if scale.startswith(b"-") else ">"
    (tmp_path / "disp.pfm").write_bytes(header % scale + DEPTH[::-1].astype(f"{order}f4").tobytes())
    np.testing.assert_array_equal(read_depth_file(tmp_path / "disp.pfm"), DEPTH)


def test_channels_of_an_exr(tmp_path):
    path, header = tmp_path / "a.exr", {"compression": OpenEXR.ZIP_COMPRESSION}
    colours = {name: DEPTH * factor for name, factor in (("R", 1), ("G", 2), ("B", 3))}
    OpenEXR.File(header, {**colours, "ViewLayer.Depth.Z": DEPTH * 4}).write(str(path))
    user_error(lambda: read_depth_file(path), "ViewLayer.Depth.Z", "depth_key='...'")
    np.testing.assert_array_equal(read_depth_file(path, "ViewLayer.Depth.Z"), DEPTH * 4)
    np.testing.assert_array_equal(read_depth_file(path, "G"), DEPTH * 2)
    OpenEXR.File(header, colours).write(str(path))
    user_error(lambda: read_depth_file(path), "depth has 3 channels that differ")
    OpenEXR.File(header, {**colours, "Z": DEPTH}).write(str(path))
    np.testing.assert_array_equal(read_depth_file(path), DEPTH)


def test_whole_numbers_in_an_exr(tmp_path):
    values = (DEPTH * 1000).astype(np.uint32)
    OpenEXR.File({}, {"Z": values}).write(str(tmp_path / "a.exr"))
    np.testing.assert_array_equal(read_depth_file(tmp_path / "a.exr"), values)


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u4", "i4", "f2", "f4", "f8", "u8", ">u2", ">f4"])
@pytest.mark.parametrize("packed", [None, "zlib"])
def test_tiff_of_every_type(tmp_path, dtype, packed):
    values = (DEPTH * 10).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", values, compression=packed)
    read = read_depth_file(tmp_path / "a.tif")
    np.testing.assert_array_equal(read, values)
    assert read.dtype == values.dtype.newbyteorder("=")


@pytest.mark.parametrize("package, ending, dtype", [("OpenEXR", ".exr", "f4"), ("tifffile", ".tiff", "f2")])
def test_a_missing_package_is_named(tmp_path, monkeypatch, package, ending, dtype):
    path = write_depth(tmp_path / f"depth{ending}", DEPTH.astype(dtype))
    monkeypatch.setitem(__import__("sys").modules, package, None)
    user_error(lambda: read_depth_file(path), f"needs the package {package}", "pip install mdetools[formats]")


def bomb_npy(values):
    memory = io.BytesIO()
    np.save(memory, values)
    return memory.getvalue()


def write_bomb(path):
    """A file of some kilobytes that declares, or unpacks to, more than a MiB."""
    zeros = np.zeros((700, 800), np.float32)
    if path.suffix == ".npy":
        np.save(path, zeros)
    elif path.suffix == ".npz":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("depth.npy", bomb_npy(zeros))
    elif path.suffix == ".tiff":
        tifffile.imwrite(path, zeros.astype(np.float16), compression="zlib", rowsperstrip=700)
    else:
        write_depth(path, zeros if path.suffix != ".png" else zeros.astype(np.uint16))


@pytest.mark.parametrize("ending", ENDINGS)
def test_more_than_the_limit_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, ending):
    path = tmp_path / f"depth{ending}"
    write_bomb(path)
    assert read_depth_file(path).shape == (700, 800)
    monkeypatch.setenv("MDETOOLS_MAX_MIB", "1")
    user_error(lambda: read_depth_file(path), f"{path}", "expected 1 at most", "MDETOOLS_MAX_MIB=N")


def test_a_stream_longer_than_its_tiff_declares(tmp_path, monkeypatch):
    """tifffile would unpack all of it."""
    import zlib

    long, values = zlib.compress(bytes(50_000_000)), np.zeros((8, 8), np.float16)
    tifffile.imwrite(tmp_path / "a.tiff", values, compression="zlib")
    content = bytearray((tmp_path / "a.tiff").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tiff") as file:
        tags = file.pages[0].tags
        offsets, counts = tags["StripOffsets"], tags["StripByteCounts"]
    for tag, value in ((offsets, len(content)), (counts, len(long))):
        size = {3: 2, 4: 4}[tag.dtype]
        content[tag.valueoffset : tag.valueoffset + size] = value.to_bytes(size, "little")
    (tmp_path / "a.tiff").write_bytes(bytes(content) + long)
    monkeypatch.setenv("MDETOOLS_MAX_MIB", "1")
    user_error(lambda: read_depth_file(tmp_path / "a.tiff"), "a.tiff: not a readable TIFF file", "more is packed in it")
