"""The layout of KITTI raw, and ground truth in .npz."""

import io
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
from support.kitti_layout import DATE, DRIVE, HEIGHT, WIDTH, calibration_lines, scan_path, scan_points, write_kitti

from fuzzing.mutations import FLOATS, mutated_bytes
from fuzzing.target import Target
from mdetools.datasets import KITTIDataset
from mdetools.datasets.readers import write_ground_truth
from mdetools.testing import check_sample

__all__ = ["TARGETS"]

PACK = [dict(type="PackSample")]
CAMERAS, SCANNER = "calib_cam_to_cam.txt", "calib_velo_to_cam.txt"


def read_sample(root: Path, **settings) -> None:
    check_sample(KITTIDataset(str(root), "train", pipeline=PACK, **settings)[0], "kitti")


def prepare_calibration(name: str):
    def prepare(folder: Path) -> tuple[Path, list[bytes]]:
        write_kitti(folder, (3,))
        text = "\n".join(calibration_lines()[name])
        return folder / DATE / name, [text.encode(), (text + "\n").encode("utf-8-sig")]

    return prepare


def read_calibration(path: Path) -> None:
    read_sample(path.parents[1], depth_source="velodyne")


def prepare_scan(folder: Path) -> tuple[Path, list[bytes]]:
    write_kitti(folder, (3,))
    points = scan_points(3)
    with_holes = points.copy()
    with_holes[::7] = np.nan
    return scan_path(folder, 3), [points.tobytes(), with_holes.tobytes(), points[:1].tobytes()]


def read_scan(path: Path) -> None:
    read_sample(path.parents[4], depth_source="velodyne")


def set_point(content: bytes, rng: random.Random) -> bytes:
    """Extreme coordinates of one point."""
    points = np.frombuffer(content, np.float32).copy()
    with np.errstate(over="ignore"):
        points[rng.randrange(len(points))] = rng.choice((*FLOATS, 3e38, -3e38))
    return points.tobytes()


def prepare_split(folder: Path) -> tuple[Path, list[bytes]]:
    write_kitti(folder, (3, 4))
    lines = [f"{DRIVE} 3 l", f"{DRIVE} 0000000004 r", f"{DRIVE} 3-4 l  # two", f"{DRIVE} * r"]
    seeds = ["\n".join(lines).encode(), f"{lines[0]}\r\n{lines[3]}\r\n".encode("utf-8-sig")]
    image, depth = f"{DRIVE}/image_02/data/0000000003.png", "drive/proj_depth/groundtruth/image_02/0000000003.png"
    published = [f"{image} {depth} 721.5377", f"/a/b/{image}\tNone\t721.5377", f'"/a b/{image}","{depth}"']
    return folder / "train.txt", [*seeds, "\n".join(published).encode()]


def read_split(path: Path) -> None:
    dataset = KITTIDataset(str(path.parent), "train", stereo=False)
    assert 0 < len(dataset) <= 1_000_000
    assert all(frame.id.isprintable() for frame in dataset.frames[:1000])


def prepare_ground_truth(folder: Path) -> tuple[Path, list[bytes]]:
    write_kitti(folder, (3,))
    depth = np.random.default_rng(0).uniform(0, 80, (HEIGHT, WIDTH)).astype(np.float32).round(1)
    path = folder / "depth.npz"
    write_ground_truth(path, [(f"{DRIVE} 3 l", depth)], "velodyne")
    whole = path.read_bytes()
    write_ground_truth(path, [(f"{DRIVE} 3 l", np.asfortranarray(depth)), ("other", depth)], "velodyne")
    return path, [whole, path.read_bytes()]


def read_ground_truth(path: Path) -> None:
    read_sample(path.parent, ground_truth=str(path))


def repack(content: bytes, rng: random.Random) -> bytes:
    """Damages one array within the archive, so that its checksum is right."""
    memory, chosen = io.BytesIO(), rng.randrange(2)
    method = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(memory, "w", method) as after:
        for number, name in enumerate(before.namelist()):
            data = before.read(name)
            after.writestr(name, mutated_bytes(data, rng) if number == chosen else data)
    return memory.getvalue()


def set_header(content: bytes, rng: random.Random) -> bytes:
    """Another type or shape in an array's header, and where there is room an array of that type."""
    dtype = rng.choice(("<f8", "<c16", "|O", "<U3", "|b1", "<i4", ">f4", "<f2", "|V4", "<M8[s]", "<f4"))
    shape = rng.choice(((HEIGHT, WIDTH), (HEIGHT, WIDTH, 1), (WIDTH, HEIGHT), (2**31, 2**31), (0, 5), (), (-1, 4)))
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    body = rng.randbytes(HEIGHT * WIDTH * rng.choice((1, 2, 4, 8, 16)))
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(memory, "w") as after:
        for number, name in enumerate(before.namelist()):
            after.writestr(name, array + body if number == 1 else before.read(name))
    return memory.getvalue()


TARGETS = [
    Target("calibration", prepare_calibration(CAMERAS), read_calibration, text=True),
    Target("scanner_pose", prepare_calibration(SCANNER), read_calibration, text=True),
    Target("velodyne", prepare_scan, read_scan, mutators=(set_point,)),
    Target("kitti_list", prepare_split, read_split, text=True),
    Target("ground_truth", prepare_ground_truth, read_ground_truth, mutators=(repack, set_header)),
]
