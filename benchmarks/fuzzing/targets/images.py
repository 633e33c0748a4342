"""Image files."""

import random
import struct
import zlib
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from fuzzing.mutations import EXTREMES
from fuzzing.target import Target
from mdetools.datasets.checks import check_depth, check_image
from mdetools.datasets.readers import read_image, read_png16

__all__ = ["TARGETS"]

IMAGE = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8), (45, 30))
DEPTH = (np.arange(30 * 45).reshape(30, 45) % 900 * 11).astype(np.uint16)


def encoded(ending: str, image: np.ndarray = IMAGE, options: tuple[int, ...] = ()) -> bytes:
    return cv2.imencode(ending, image, options)[1].tobytes()


def prepare(ending: str, seeds: list[bytes], folder: Path) -> tuple[Path, list[bytes]]:
    return folder / f"file{ending}", seeds


def read_rgb(path: Path) -> None:
    check_image(read_image(path), "image")


def read_depth(path: Path) -> None:
    depth = read_png16(path, 256)
    assert depth.dtype == np.float32
    check_depth(depth, "depth")


def set_png_header(content: bytes, rng: random.Random) -> bytes:
    """Another size, depth or kind in a PNG, with the right checksum."""
    header = bytearray(content[16:29])
    if rng.random() < 0.6:
        at = rng.choice((0, 4))
        header[at : at + 4] = struct.pack(">I", rng.choice((*EXTREMES, 32767, 32768, 20000)) & 0xFFFFFFFF)
    else:
        header[rng.randrange(8, 13)] = rng.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
    chunk = b"IHDR" + bytes(header)
    return content[:12] + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]


def set_jpeg_size(content: bytes, rng: random.Random) -> bytes:
    """Another size in a JPEG."""
    at = max(content.find(b"\xff\xc0"), content.find(b"\xff\xc2")) + 5
    size = struct.pack(">HH", *(rng.choice((0, 1, 100, 3000, 40000, 65500, 65535)) for _ in range(2)))
    return content[:at] + size + content[at + 4 :]


GREY, ALPHA = IMAGE[..., 0], np.dstack([IMAGE, IMAGE[..., 0]])
PNG = [encoded(".png"), encoded(".png", GREY), encoded(".png", ALPHA), encoded(".png", DEPTH)]
JPEG = [encoded(".jpg"), encoded(".jpg", GREY), encoded(".jpg", IMAGE, (cv2.IMWRITE_JPEG_PROGRESSIVE, 1))]
LARGER = cv2.resize(IMAGE, (128, 96))
OTHERS = [encoded(ending) for ending in (".bmp", ".tiff", ".ppm", ".ras")]
OTHERS += [encoded(ending, LARGER) for ending in (".webp", ".gif", ".jp2", ".avif") if cv2.haveImageWriter(ending)]
OTHERS += [encoded(ending, IMAGE.astype(np.float32) / 255) for ending in (".pfm", ".hdr")]

TARGETS = [
    Target("png", partial(prepare, ".png", PNG), read_rgb, mutators=(set_png_header,)),
    Target(
        "png16",
        partial(prepare, ".png", [encoded(".png", DEPTH), encoded(".png", DEPTH[:3, :4])]),
        read_depth,
        mutators=(set_png_header,),
    ),
    Target("jpeg", partial(prepare, ".jpg", JPEG), read_rgb, mutators=(set_jpeg_size,)),
    Target("other_images", partial(prepare, ".img", OTHERS), read_rgb),
]
