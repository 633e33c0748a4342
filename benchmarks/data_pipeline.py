"""Images per second on one core: the training pipeline of mdetools against that of the fine-tuning article.

    python benchmarks/data_pipeline.py DATA_ROOT [--split train] [--rounds 5]

Both read the same .h5 files with the same augmentations, from albumentations but for our noise, which has the same
distribution. They run by turns, in one process and one thread, so that what slows the machine down slows both, and CPU
time is counted. The article's pipeline is written out
below from its description: float64 images, cubic resize and normalisation in float64, then transposition, conversion
to float32 and the crop; ours crops first and keeps uint8 until the device. The article leaves gzip to h5py and ours
does not (datasets/readers/hdf5.py), so the ratio depends on how the files are compressed.
"""

import argparse
import os
import random
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", NO_ALBUMENTATIONS_UPDATE="1")

import cv2
import h5py
import numpy as np
import torch

from mdetools.contract.types import SampleIndex
from mdetools.datasets import NYUDataset
from mdetools.datasets.transforms.geometric import lower_bound_size

SIZE = 518
JITTER = dict(hue=0.1, contrast=0.1, brightness=0.1, saturation=0.1)
NOISE = dict(std_range=(0, 5 / 255))  # variance up to 25 on the scale of uint8
PIPELINE = [
    dict(type="RandomAspectCrop", aspect=1.0),
    dict(type="RandomHorizontalFlip"),
    dict(type="Albumentations", transforms=[dict(type="ColorJitter", **JITTER)]),
    dict(type="GaussianNoise", **NOISE),
    dict(type="Resize", size=SIZE),
    dict(type="DepthRange", min_depth=1e-3, max_depth=10),
    dict(type="PackSample"),
]


class ArticlePipeline(torch.utils.data.Dataset):
    """The article's data set in training mode."""

    def __init__(self, paths: list[str]) -> None:
        import albumentations as A

        self.paths = paths
        self.augment = A.Compose([A.HorizontalFlip(), A.ColorJitter(**JITTER), A.GaussNoise(**NOISE)])
        self.mean, self.std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict:
        file = h5py.File(self.paths[index], "r")
        rgb, depth = np.transpose(np.array(file["rgb"]), (1, 2, 0)), np.array(file["depth"])
        augmented = self.augment(image=rgb, mask=depth)
        image, depth = augmented["image"] / 255.0, augmented["mask"]

        height, width = lower_bound_size(*image.shape[:2], (SIZE, SIZE))
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
        depth = cv2.resize(depth, (width, height), interpolation=cv2.INTER_NEAREST)
        image = (image - self.mean) / self.std
        image = np.ascontiguousarray(np.transpose(image, (2, 0, 1))).astype(np.float32)
        depth = np.ascontiguousarray(depth.astype(np.float32))

        top, left = random.randint(0, height - SIZE), random.randint(0, width - SIZE)
        window = np.s_[..., top : top + SIZE, left : left + SIZE]
        return dict(image=torch.from_numpy(image[window]), depth=torch.from_numpy(depth[window]))


def seconds(dataset: torch.utils.data.Dataset, keys: list, batch_size: int) -> float:
    """CPU time of one pass of a single-process loader, which other processes disturb less than they do the clock."""
    loader = torch.utils.data.DataLoader(dataset, batch_size, sampler=keys, num_workers=0)
    start = time.process_time()
    for _ in loader:
        pass
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_root")
    parser.add_argument("--split", default="train")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=132, help="of the split that a round reads, at most")
    parser.add_argument("--batch-size", type=int, default=11)
    args = parser.parse_args()

    torch.set_num_threads(1)
    ours = NYUDataset(args.data_root, args.split, pipeline=PIPELINE)
    ours.paths = ours.paths[: args.images]
    article = ArticlePipeline([str(Path(args.data_root, args.split, path)) for path in ours.paths])
    images = len(ours)
    height, width = ours.load(0)["image"].shape[:2]
    times = []
    for epoch in range(args.rounds + 1):
        theirs = seconds(article, list(range(images)), args.batch_size)
        mine = seconds(ours, [SampleIndex(0, epoch, index) for index in range(images)], args.batch_size)
        times.append((theirs, mine))
    del times[0]  # it warmed the file cache

    theirs, mine = np.median(times, axis=0)
    ratios = [a / b for a, b in times]
    print(f"{images} images of {height}x{width}, {args.rounds} rounds, medians, one core")
    print(f"article   {images / theirs:7.1f} images/s  {1e3 * theirs / images:6.2f} ms per image")
    print(f"mdetools  {images / mine:7.1f} images/s  {1e3 * mine / images:6.2f} ms per image")
    print(f"ratio     {np.median(ratios):7.2f}  (rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)})")


if __name__ == "__main__":
    main()
