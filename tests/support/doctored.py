"""Small data sets for the doctor: sound ones of several kinds of scenes, and what can be wrong with them."""

from functools import cache

import cv2
import numpy as np
from mmengine.config import Config

from mdetools.apis.dataset_check import check_datasets
from support.nyu_layout import write_h5
from support.paths import REAL_DATA

SIZE = (96, 128)
FRAMES = {"train": 10, "val": 4}


@cache
def rooms():
    """Ray-cast rooms with a Kinect's depth: (split, name, image, depth) of every frame."""
    from mdetools.synthetic.writers.nyu import NYUSettings, render_frame

    settings = NYUSettings(*SIZE, sensor=True)
    frames = []
    for split, count in FRAMES.items():
        for index in range(count):
            made = render_frame(settings, split, index)
            frames.append(
                (split, f"s/{index:03d}", np.ascontiguousarray(made["rgb"].transpose(1, 2, 0)), made["depth"])
            )
    return frames


@cache
def kitchen(step=10):
    """Frames of the real kitchen, or None where the data is not there."""
    from mdetools.datasets import NYUDataset

    if not (REAL_DATA / "nyu/train").is_dir():
        return None
    frames = []
    for split, every in (("train", step), ("val", 4)):
        dataset = NYUDataset(str(REAL_DATA / "nyu"), split)
        for index in range(0, len(dataset), every):
            sample = dataset.load(index)
            frames.append((split, sample["meta"]["id"], sample["image"], sample["depth"]))
    return frames


def random_texture(rng, height, width):
    """An image (H, W, 3) uint8 of blobs of several sizes."""
    texture = np.zeros((height, width, 3), np.float32)
    for scale in (2, 5, 12):
        noise = rng.normal(size=(height // scale + 2, width // scale + 2, 3)).astype(np.float32)
        texture += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + 40 * texture, 0, 255).astype(np.uint8)


@cache
def tubes():
    """An endoscope in a tube of 8 cm with folds: 5 to 25 cm deep, no floor, light at the camera."""
    frames = []
    for split, count in FRAMES.items():
        for index in range(count):
            rng = np.random.default_rng([split == "val", index])
            rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
            y, x = (rows - 48) / 100 - rng.uniform(-0.15, 0.15), (columns - 64) / 100 - rng.uniform(-0.2, 0.2)
            radius, angle = np.hypot(x, y) + 1e-6, np.arctan2(y, x)
            fold = 1 + 0.15 * np.sign(np.sin(9 / (0.15 + radius) + 2 * np.sin(angle + index)))
            depth = np.minimum(0.04 * fold / radius, 0.25)
            light = (0.05 / depth)[..., None] ** 1.2
            image = np.clip(random_texture(rng, *SIZE) * 0.3 + np.array([190, 90, 80]) * light, 0, 255)
            frames.append((split, f"t/{index}", image.astype(np.uint8), depth.astype(np.float32)))
    return frames


@cache
def aerial():
    """A town from the air, 50 to 300 m below: slanted ground with blocks, seen nearly straight down."""
    frames = []
    for split, count in FRAMES.items():
        for index in range(count):
            rng = np.random.default_rng([2, split == "val", index])
            rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
            height = rng.uniform(120, 290)
            depth = height / (
                1 + 0.15 * rng.uniform(-1, 1) * (rows - 48) / 48 + 0.1 * rng.uniform(-1, 1) * columns / 128
            )
            image = random_texture(rng, *SIZE).astype(np.float32) * 0.4 + 60
            for _ in range(14):
                top, left = rng.integers(0, SIZE[0] - 8), rng.integers(0, SIZE[1] - 8)
                house = np.s_[top : top + rng.integers(8, 26), left : left + rng.integers(8, 30)]
                depth[house] -= rng.uniform(10, 60)
                image[house] = image[house] * 0.5 + rng.uniform(20, 200, 3)
            depth = np.clip(depth, 50, 300).astype(np.float32)
            frames.append((split, f"a/{index}", image.clip(0, 255).astype(np.uint8), depth))
    return frames


def write_nyu(root, frames, change=None, **more):
    """Writes frames in the NYU layout; `change(image, depth, index)` gives what is written in place of a frame."""
    for index, (split, name, image, depth) in enumerate(frames):
        if change is not None:
            image, depth = change(image, depth, index)
        write_h5(root / split / f"{name}.h5", image, np.asarray(depth, np.float32), **more)
    return root


def write_pngs(root, frames, scale=1000, ending=".png", quality=()):
    """Writes frames as folders of images and 16-bit depth PNGs."""
    for split, name, image, depth in frames:
        for folder, file, values in (
            ("images", f"{name}{ending}", image[..., ::-1]),
            ("depth", f"{name}.png", (depth * scale).round().clip(0, 65535).astype(np.uint16)),
        ):
            path = root / split / folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), values, list(quality))
    return root


def config_of(root, kind="NYUDataset", depth_range=(1e-3, 10.0), splits=("train", "val"), transforms=(), **options):
    """A config whose loaders read the splits of a data set."""
    pipeline = [dict(type="DepthRange", min_depth=depth_range[0], max_depth=depth_range[1])] if depth_range else []
    pipeline += [*transforms, dict(type="PackSample")]
    return Config(
        {
            f"{split}_dataloader": dict(
                batch_size=2,
                dataset=dict(type=kind, data_root=str(root), split=split, pipeline=pipeline, **options),
            )
            for split in splits
        }
    )


def names_found(config):
    """The names of the checks that find something in a config's data, and all their lines."""
    findings = [finding for checked in check_datasets(config, 0) for finding in checked.findings]
    return {finding.check for finding in findings}, findings
