"""Stereo pairs a second on one core: the training pipeline of mdetools against monodepth2's way.

    python benchmarks/kitti_pipeline.py DATA_ROOT [--split train] [--rounds 5]

Both read the same image files. They run by turns, in one process and one thread, so that what slows the machine down
slows both, and CPU time is counted. monodepth2's way (Godard et al., ICCV 2019) is written out below from its
description: Pillow decodes both images, a flip and a colour jitter are drawn, Pillow resizes with its Lanczos filter to
four scales, 640x192 and down, each from the one before, and every scale becomes a float tensor, plain and jittered.

Two pipelines of mdetools run against it: `paper` is that of configs/_base_/datasets/kitti_stereo.py at 188x620;
`jitter` has the other's size, flip and colour jitter. The smaller scales of ours are made on the device, by the loss.

Decoding at half size in the DCT (`IMREAD_REDUCED_COLOR_2`) would save 2 of 5 ms an image, but it gives 188x621 of
375x1242, which the resize to 620 would blur, and half the pixels of a zoomed window; and PNG has no such thing.
"""

import argparse
import os
import random
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", NO_ALBUMENTATIONS_UPDATE="1")

import numpy as np
import torch
from mmengine.config import Config
from PIL import Image
from torchvision import transforms

from mdetools.contract.types import SampleIndex
from mdetools.datasets import KITTIDataset

SCALES = [(192, 640), (96, 320), (48, 160), (24, 80)]
JITTER = dict(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.1)
PAPER = Config.fromfile("configs/_base_/datasets/kitti_stereo.py").train_dataloader.dataset.pipeline
LIKE_THEIRS = [
    dict(type="Resize", size=SCALES[0], multiple_of=1, keep_aspect=False, interpolation="area"),
    dict(type="RandomHorizontalFlip"),
    dict(type="Albumentations", transforms=[dict(type="ColorJitter", p=0.5, **JITTER)]),
    dict(type="PackSample"),
]


class Monodepth2Pipeline(torch.utils.data.Dataset):
    """monodepth2's data set in training mode, for stereo."""

    def __init__(self, paths: list[tuple[Path, Path]]) -> None:
        self.paths = paths
        self.resize = [transforms.Resize(size, interpolation=Image.LANCZOS) for size in SCALES]
        self.jitter = transforms.ColorJitter(**JITTER)
        self.to_tensor = transforms.ToTensor()

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict:
        augment, flip = random.random() > 0.5, random.random() > 0.5
        order, *factors = transforms.ColorJitter.get_params(*(getattr(self.jitter, name) for name in JITTER))
        sample = {}
        for side, path in enumerate(self.paths[index]):
            with path.open("rb") as file:
                image = Image.open(file).convert("RGB")
            if flip:
                image = image.transpose(Image.FLIP_LEFT_RIGHT)
            for scale, resize in enumerate(self.resize):
                image = resize(image)
                sample["color", side, scale] = self.to_tensor(image)
                changed = self.change(image, order, factors) if augment else image
                sample["color_aug", side, scale] = self.to_tensor(changed)
        return sample

    @staticmethod
    def change(image: Image.Image, order: torch.Tensor, factors: list[float]) -> Image.Image:
        """The colour jitter with parameters that were drawn, the same for all images of a sample."""
        functional = transforms.functional
        change = [functional.adjust_brightness, functional.adjust_contrast]
        change += [functional.adjust_saturation, functional.adjust_hue]
        for index in order:
            image = change[index](image, factors[index])
        return image


def seconds(dataset: torch.utils.data.Dataset, keys: list) -> float:
    """CPU time of one pass of a single-process loader, which other processes disturb less than they do the clock."""
    loader = torch.utils.data.DataLoader(dataset, 8, sampler=keys, num_workers=0)
    start = time.process_time()
    for _ in loader:
        pass
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_root")
    parser.add_argument("--split", default="train")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=96, help="of the split that a round reads, at most")
    args = parser.parse_args()

    torch.set_num_threads(1)
    ours = {name: KITTIDataset(args.data_root, args.split, pipeline=p) for name, p in
            (("paper", PAPER), ("jitter", LIKE_THEIRS))}  # fmt: skip
    data = ours["paper"]
    count = min(args.pairs, len(data))
    cameras = [(frame, frame.camera, frame.other_camera) for frame in data.frames[:count]]
    theirs = Monodepth2Pipeline([tuple(data.image_path(f, c) for c in pair) for f, *pair in cameras])
    times = {name: [] for name in ("monodepth2", *ours)}
    for epoch in range(args.rounds + 1):
        times["monodepth2"].append(seconds(theirs, list(range(count))))
        for name, dataset in ours.items():
            times[name].append(seconds(dataset, [SampleIndex(0, epoch, index) for index in range(count)]))

    print(f"{count} pairs, {args.rounds} rounds, medians, one core")
    for name, spent in times.items():
        spent = np.array(spent[1:])  # the first warmed the file cache
        ratios = np.array(times["monodepth2"][1:]) / spent
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        rate = count / np.median(spent)
        print(f"{name:<11}{rate:7.1f} pairs/s {1e3 / rate:7.2f} ms a pair, ratio {np.median(ratios):.2f} ({shown})")


if __name__ == "__main__":
    main()
