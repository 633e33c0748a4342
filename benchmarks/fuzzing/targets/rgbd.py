"""Your own images with depth: depth files of every format, lists and camera files, through `RGBDDataset`."""

import io
import random
import struct
import tempfile
import zipfile
import zlib
from functools import partial
from pathlib import Path

import cv2
import h5py
import numpy as np
import OpenEXR
import tifffile
from scipy.io import savemat
from support.depth_formats import write_depth
from support.nyu_layout import make_frame

from fuzzing.mutations import EXTREMES, mutated_bytes
from fuzzing.target import Target
from mdetools.datasets import RGBDDataset
from mdetools.testing import check_sample
from mdetools.visualization import write_image

__all__ = ["TARGETS"]

PACK = [dict(type="PackSample")]
IMAGE, DEPTH = make_frame()
MILLIMETRES = (DEPTH * 1000).astype(np.uint16)
CAMERA = dict(fx=30.0, fy=30.0, cx=15.5, cy=11.5)


def stored(ending: str, values: np.ndarray) -> bytes:
    """A depth file's content."""
    with tempfile.TemporaryDirectory() as folder:
        return write_depth(Path(folder, f"a{ending}"), values).read_bytes()


def saved(write, *args, ending: str, **options) -> bytes:
    """What a function writes to a file whose path comes first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{ending}")
        write(path, *args, **options)
        return path.read_bytes()


def exr(channels: dict, compression) -> bytes:
    return saved(lambda path: OpenEXR.File({"compression": compression}, channels).write(str(path)), ending=".exr")


def v73(values: np.ndarray) -> bytes:
    memory = io.BytesIO()
    with h5py.File(memory, "w", userblock_size=512) as file:
        file["depth"] = values.T
    return memory.getvalue()


tiff = partial(saved, tifffile.imwrite, ending=".tiff")
TYPES = ("u1", "f2", "f8", ">u2", "i8")
COMPRESSIONS = [OpenEXR.NO_COMPRESSION, OpenEXR.ZIP_COMPRESSION, OpenEXR.PIZ_COMPRESSION, OpenEXR.RLE_COMPRESSION]
COMPRESSIONS += [OpenEXR.ZIPS_COMPRESSION, OpenEXR.PXR24_COMPRESSION, OpenEXR.DWAA_COMPRESSION]
SEEDS = {
    ".npy": [stored(".npy", values) for values in (DEPTH, MILLIMETRES, DEPTH[None], np.asfortranarray(DEPTH))],
    ".npz": [saved(np.savez, ending=".npz", depth=DEPTH), saved(np.savez_compressed, MILLIMETRES, ending=".npz")],
    ".exr": [exr({"Z": DEPTH}, compression) for compression in COMPRESSIONS]
    + [exr({"RGB": np.dstack([DEPTH.astype(np.float16)] * 3)}, OpenEXR.ZIP_COMPRESSION)],
    ".pfm": [stored(".pfm", DEPTH), b"PF\n2 1\n1.0\n" + np.ones(6, ">f4").tobytes()],
    ".tiff": [tiff(DEPTH), tiff(MILLIMETRES, compression="zlib"), tiff(DEPTH.astype("f2"), compression="zlib")]
    + [tiff((DEPTH * 20).astype(kind)) for kind in TYPES]
    + [tiff(np.dstack([DEPTH] * 3)), tiff(DEPTH.astype("f2"), tile=(16, 16)), stored(".tif", MILLIMETRES)],
    ".mat": [saved(savemat, {"depth": values}, ending=".mat") for values in (DEPTH, MILLIMETRES)]
    + [stored(".mat", DEPTH), saved(savemat, {"x": DEPTH, "s": {"a": 1}, "t": "abc"}, ending=".mat"), v73(DEPTH)]
    + [saved(savemat, {"depth": DEPTH.astype("f8")}, ending=".mat", format="4")],
    ".h5": [stored(".h5", DEPTH)],
    ".png": [stored(".png", MILLIMETRES), stored(".png", (DEPTH * 20).astype(np.uint8))],
}


def prepare(ending: str, folder: Path) -> tuple[Path, list[bytes]]:
    write_image(folder / "train/images/1.png", IMAGE)
    path = folder / f"train/depth/1{ending}"
    path.parent.mkdir()
    return path, SEEDS[ending]


def read_as(kind: str, path: Path) -> None:
    options = dict(depth_kind=kind, intrinsics=CAMERA, baseline=0.1, depth_scale=1.0)
    check_sample(RGBDDataset(str(path.parents[2]), "train", pipeline=PACK, **options)[0], kind)


def read(path: Path) -> None:
    for kind in ("depth", "distance", "disparity"):
        read_as(kind, path)


def repack_npz(content: bytes, rng: random.Random) -> bytes:
    """Damages the array within the archive, so that its checksum is right."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, mutated_bytes(before.read(name), rng))
    return memory.getvalue()


def repack_mat(content: bytes, rng: random.Random) -> bytes:
    """Damages what is packed in a compressed element."""
    if content[128:132] != struct.pack("<I", 15):
        return mutated_bytes(content, rng)
    size = struct.unpack("<I", content[132:136])[0]
    packed = zlib.compress(mutated_bytes(zlib.decompress(content[136 : 136 + size]), rng))
    return content[:132] + struct.pack("<I", len(packed)) + packed + content[136 + size :]


def set_tiff_tag(content: bytes, rng: random.Random) -> bytes:
    """Another value, type or count of one tag of a little-endian TIFF."""
    if content[:4] != b"II*\x00":
        return mutated_bytes(content, rng)
    at = struct.unpack("<I", content[4:8])[0]
    count = struct.unpack("<H", content[at : at + 2])[0] if at + 2 <= len(content) else 0
    entry = at + 2 + 12 * rng.randrange(max(count, 1))
    offset, size = rng.choice(((0, 2), (2, 2), (4, 4), (8, 4), (8, 4), (8, 4)))
    value = rng.choice((*EXTREMES, 3, 5, 8, 16, 24, 32, 64)) & (256**size - 1)
    return content[: entry + offset] + value.to_bytes(size, "little") + content[entry + offset + size :]


def set_exr_window(content: bytes, rng: random.Random) -> bytes:
    """Another data window in an EXR."""
    at = content.find(b"dataWindow\x00box2i\x00") + 21
    corner = struct.pack("<4i", *(rng.choice((0, 1, -5, 23, 31, 40000, 2**31 - 1, -(2**31))) for _ in range(4)))
    return content[:at] + corner + content[at + 16 :]


def prepare_list(name: str, folder: Path) -> tuple[Path, list[bytes]]:
    for number in range(2):
        write_image(folder / f"my room/rgb_{number}.png", IMAGE)
        cv2.imwrite(str(folder / f"my room/depth_{number}.png"), MILLIMETRES)
    columns = ["'my room/rgb_{0}.png'", "'my room/depth_{0}.png'", "30.5", "31", "15.5", "11.5"]
    separated = [",".join(columns).replace("'", ""), "\t".join(columns).replace("'", ""), " ".join(columns)]
    seeds = ["\n".join(line.format(number) for number in range(2)) for line in separated]
    header = "image,depth,fx,fy,cx,cy\n" + seeds[0]
    return folder / name, [header.encode("utf-8-sig"), *(text.encode() for text in seeds)]


def read_list(path: Path) -> None:
    dataset = RGBDDataset(str(path.parent), path.name, pipeline=PACK)
    assert all(frame.id.isprintable() for frame in dataset.frames)
    check_sample(dataset[0], "list")


def prepare_camera(name: str, folder: Path) -> tuple[Path, list[bytes]]:
    write_image(folder / "train/images/1.png", IMAGE)
    write_depth(folder / "train/depth/1.png", MILLIMETRES)
    seeds = {
        ".json": [
            b'{"fx": 30.0, "fy": 31.0, "cx": 15.5, "cy": 11.5, "width": 32, "height": 24}',
            b'{"camera_matrix": {"data": [30, 0, 15.5, 0, 31, 11.5, 0, 0, 1]}}',
            b"[[30, 0, 15.5], [0, 31, 11.5], [0, 0, 1]]",
        ],
        ".txt": [b"30 31 15.5 11.5", b"30 0 15.5\n0 31 11.5\n0 0 1\n", b"fx: 30\nfy: 31\ncx: 15.5\ncy: 11.5\n"],
    }
    return folder / name, seeds[Path(name).suffix]


def read_camera(path: Path) -> None:
    check_sample(RGBDDataset(str(path.parent), "train", pipeline=PACK)[0], "camera")


MUTATORS = {".npz": (repack_npz,), ".mat": (repack_mat,), ".tiff": (set_tiff_tag,), ".exr": (set_exr_window,)}
TARGETS = [
    *(Target(f"depth{ending}", partial(prepare, ending), read, mutators=MUTATORS.get(ending, ())) for ending in SEEDS),
    *(Target(name, partial(prepare_list, name), read_list, text=True) for name in ("frames.txt", "frames.csv")),
    *(
        Target(name, partial(prepare_camera, name), read_camera, text=True)
        for name in ("intrinsics.json", "intrinsics.txt")
    ),
]
