"""Images per second on one core of your own data, by the format of its depth: python benchmarks/depth_formats.py

A drawn frame of 640x480 is written as JPEG or PNG with depth of every format, and read through `RGBDDataset.load`,
all formats by turns in each round. CPU time of this process is counted, which other processes disturb less than the
clock. Printed are medians over the rounds: both files, the depth file alone, and its size.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", NO_ALBUMENTATIONS_UPDATE="1", CUDA_VISIBLE_DEVICES="")
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))  # the writers of depth files

import numpy as np
from support.depth_formats import distance_of, write_depth

from mdetools.datasets import RGBDDataset
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.layouts.nyu import fitted_nyu_intrinsics
from mdetools.visualization import write_image

HEIGHT, WIDTH = 480, 640
CAMERA = fitted_nyu_intrinsics(HEIGHT, WIDTH)
# name: ending, type, depth_scale, depth_kind, ending of the image
FORMATS = {
    "PNG, mm": (".png", "uint16", 1000, "depth", ".jpg"),
    "PNG, mm, image PNG": (".png", "uint16", 1000, "depth", ".png"),
    "PNG, distance in mm": (".png", "uint16", 1000, "distance", ".jpg"),
    "PNG, inverse x 6000": (".png", "uint16", 6000, "inverse_depth", ".jpg"),
    "TIFF, mm": (".tif", "uint16", 1000, "depth", ".jpg"),
    "TIFF, float32": (".tif", "float32", 1, "depth", ".jpg"),
    "TIFF, float16 (tifffile)": (".tiff", "float16", 1, "depth", ".jpg"),
    ".npy, float32": (".npy", "float32", 1, "depth", ".jpg"),
    ".npz, float32": (".npz", "float32", 1, "depth", ".jpg"),
    ".exr, float32": (".exr", "float32", 1, "depth", ".jpg"),
    ".pfm": (".pfm", "float32", 1, "depth", ".jpg"),
    ".h5, float32, gzip": (".h5", "float32", 1, "depth", ".jpg"),
    ".mat, float32, packed": (".mat", "float32", 1, "depth", ".jpg"),
}


def make_frame() -> tuple[np.ndarray, np.ndarray]:
    """An image with the detail of a photograph, and a smooth depth with steps, holes and a sensor's noise."""
    rng = np.random.default_rng(0)
    rows, columns = np.indices((HEIGHT, WIDTH))
    depth = 2 + rows / HEIGHT + (columns // 80 % 3) + rng.normal(0, 0.004, (HEIGHT, WIDTH))
    depth[:, :24] = 0
    shade = 90 + 60 * np.sin(columns / 9 + rows / 31) + 40 * np.sin(rows / 5) + rng.normal(0, 6, (HEIGHT, WIDTH))
    image = np.clip(shade[..., None] * [1.0, 0.9, 0.7], 0, 255).astype(np.uint8)
    return image, depth


def make_dataset(folder: Path, ending: str, dtype: str, scale: int, kind: str, image_ending: str) -> RGBDDataset:
    """A data set of one frame."""
    image, depth = make_frame()
    values = distance_of(depth, CAMERA) if kind == "distance" else depth
    if kind == "inverse_depth":
        values = np.divide(1, depth, out=np.zeros_like(depth), where=depth > 0)
    values = (values * scale).round() if dtype == "uint16" else values * scale
    write_image(folder / f"train/images/1{image_ending}", image)
    write_depth(folder / f"train/depth/1{ending}", values.astype(dtype))
    return RGBDDataset(str(folder), depth_scale=scale, depth_kind=kind, intrinsics=CAMERA.tolist())


def seconds(call, repeats: int) -> float:
    """CPU time of one call."""
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=20, help="that a round reads of each format")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sets = {name: make_dataset(Path(temporary, str(at)), *form) for at, (name, form) in enumerate(FORMATS.items())}
        times = {name: [] for name in sets}
        for _ in range(args.rounds + 1):
            for name, dataset in sets.items():
                path = dataset.frames[0].depth
                both = seconds(lambda dataset=dataset: dataset.load(0), args.images)
                times[name].append((both, seconds(lambda path=path: read_depth_file(path), args.images)))
        print(f"{'format':<26}{'images/s':>9}{'ms':>7}{'depth alone, ms':>17}{'KiB':>7}")
        for name, dataset in sets.items():
            both, depth = np.median(times[name][1:], axis=0)  # the first warmed the file cache
            size = Path(dataset.frames[0].depth).stat().st_size / 1024
            print(f"{name:<26}{1 / both:>9.0f}{1e3 * both:>7.1f}{1e3 * depth:>17.1f}{size:>7.0f}")


if __name__ == "__main__":
    main()
