"""The layouts of NYU Depth V2."""

import io
import random
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat
from support.nyu_layout import make_frame

from fuzzing.mutations import mutated_bytes
from fuzzing.target import Target
from mdetools.datasets import NYUDataset, NYULabeledDataset, NYUListDataset
from mdetools.datasets.readers import read_mat_split
from mdetools.testing import check_sample
from mdetools.visualization import write_image

__all__ = ["TARGETS"]

PACK = [dict(type="PackSample")]
FRAME = make_frame()
LAYOUTS = (
    {},
    dict(chunks=True, compression="gzip"),
    dict(chunks=(8, 16), compression="gzip"),
    dict(chunks=(7, 11), compression="gzip", shuffle=True),
    dict(chunks=True, compression="lzf"),
    dict(chunks=(8, 16), fletcher32=True, compression="gzip"),
    dict(chunks=(24, 32), maxshape=(None, None)),
)


def h5(arrays: dict[str, np.ndarray], options: dict, **more) -> bytes:
    """An HDF5 file; options of two axes are for the last two."""
    memory = io.BytesIO()
    with h5py.File(memory, "w", **more) as file:
        for name, values in arrays.items():
            front = values.shape[:-2]
            wide = {
                key: (*(None if key == "maxshape" else 1 for _ in front), *value) if isinstance(value, tuple) else value
                for key, value in options.items()
            }
            file.create_dataset(name, data=values, **(wide if values.shape != (3, 3) else {}))
    return memory.getvalue()


def prepare_h5(folder: Path) -> tuple[Path, list[bytes]]:
    path = folder / "train/room/1.h5"
    path.parent.mkdir(parents=True)
    image, depth = FRAME
    camera = np.array([[500, 0, 16], [0, 500, 12], [0, 0, 1]])
    arrays = {"rgb": image.transpose(2, 0, 1), "depth": depth, "intrinsics": camera}
    seeds = [h5(arrays, options) for options in LAYOUTS]
    seeds.append(h5({**arrays, "depth": depth.astype(np.float64)}, {}, libver="latest"))
    seeds.append(h5({**arrays, "depth": depth.astype(np.float16)}, LAYOUTS[1], libver="latest"))
    return path, seeds


def read_h5_sample(path: Path) -> None:
    check_sample(NYUDataset(str(path.parents[2]), "train", PACK)[0], "h5")


def prepare_labeled(folder: Path) -> tuple[Path, list[bytes]]:
    savemat(folder / "splits.mat", {"trainNdxs": np.array([[2], [3]]), "testNdxs": np.array([[1]])})
    frames = [make_frame(seed=seed) for seed in range(3)]
    arrays = {
        "images": np.stack([image.transpose(2, 1, 0) for image, _ in frames]),
        "depths": np.stack([depth.T for _, depth in frames]),
    }
    return folder / "nyu_depth_v2_labeled.mat", [h5(arrays, options) for options in LAYOUTS]


def read_labeled(path: Path) -> None:
    check_sample(NYULabeledDataset(str(path.parent), "train", PACK)[1], "labeled")


def prepare_split(folder: Path) -> tuple[Path, list[bytes]]:
    numbers = np.arange(1, 30).reshape(-1, 1)
    values = {"trainNdxs": numbers[::2].astype(np.uint16), "testNdxs": numbers[1::2].astype(np.float64)}
    others = {"text": "abc", "struct": {"a": 1.0}}
    seeds = []
    for more, options in ((others, {}), ({}, dict(do_compression=True)), (others, dict(do_compression=True))):
        memory = io.BytesIO()
        savemat(memory, more | values, **options)
        seeds.append(memory.getvalue())
    return folder / "splits.mat", seeds


def read_split(path: Path) -> None:
    for key in ("trainNdxs", "testNdxs"):
        numbers = read_mat_split(path, key)
        assert numbers and all(type(number) is int and 1 <= number < 2**31 for number in numbers), numbers[:5]


def repack_split(content: bytes, rng: random.Random) -> bytes:
    """Damages what is packed in a compressed element."""
    if content[128:132] != struct.pack("<I", 15):
        return mutated_bytes(content, rng)
    size = struct.unpack("<I", content[132:136])[0]
    packed = zlib.compress(mutated_bytes(zlib.decompress(content[136 : 136 + size]), rng))
    return content[:132] + struct.pack("<I", len(packed)) + packed + content[136 + size :]


def prepare_list(folder: Path) -> tuple[Path, list[bytes]]:
    image, depth = FRAME
    for number in range(2):
        write_image(folder / f"room/rgb_{number}.png", image)
        write_image(folder / f"room/depth_{number}.png", image)
    lines = "".join(f"room/rgb_{number}.png room/depth_{number}.png 518.8579\n" for number in range(2))
    return folder / "train.txt", [lines.encode(), lines.replace("room", "/room").encode("utf-8-sig")]


def read_list(path: Path) -> None:
    dataset = NYUListDataset(str(path.parent), "train")
    assert all(Path(name).is_file() for frame in dataset.frames for name in frame[1:])


TARGETS = [
    Target("h5", prepare_h5, read_h5_sample),
    Target("labeled_mat", prepare_labeled, read_labeled),
    Target("splits_mat", prepare_split, read_split, mutators=(repack_split,)),
    Target("nyu_list", prepare_list, read_list, text=True),
]
