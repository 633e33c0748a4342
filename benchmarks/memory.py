"""Does a run's memory stay as it is? A training of many steps and an evaluation of many images, through the Runner.

    python benchmarks/memory.py [--steps 5000] [--images 5000] [--minutes M] [--only training|evaluation]

Each part runs in a process of its own, on random scenes of 480x640 that are made in memory, with a tiny network on
56x56 pixels and all else of configs/dav2/vits_nyu.py: loader, transforms, protocol, metric, hooks, log. Resident memory
is read after every batch, and the first tenth is the warm-up. The exit code is 1 if it grew by more than 2 % from there
to the end.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(NO_ALBUMENTATIONS_UPDATE="1")

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.hooks import Hook

from mdetools.datasets import BaseDataset
from mdetools.engine.configs.loading import load_config
from mdetools.engine.runner import Runner
from mdetools.registry import DATASETS

PARTS = {"training": "steps", "evaluation": "images"}
ALLOWED_GROWTH = 0.02
WARM_UP = 0.1


@DATASETS.register_module()
class RandomScenes(BaseDataset):
    """Smooth random pictures with depth from 1 to 9 metres, with holes."""

    def __init__(self, length: int, pipeline) -> None:
        super().__init__(pipeline)
        self.length = length

    def __len__(self) -> int:
        return self.length

    def load(self, index: int) -> dict:
        """The working sample, which follows from the index."""
        rng = np.random.default_rng(index)
        smooth = cv2.resize(rng.random((6, 8, 4), dtype=np.float32), (640, 480), interpolation=cv2.INTER_LINEAR)
        valid_mask = smooth[..., 0] > 0.2
        return {
            "image": (255 * smooth[..., :3]).astype(np.uint8),
            "depth": (1 + 8 * smooth[..., 3]) * valid_mask,
            "valid_mask": valid_mask,
            "meta": {"id": f"scene/{index:05d}", "path": f"scene/{index:05d}"},
        }


class Meter(Hook):
    """Reads this process's resident memory, in MiB, after every batch; ends a training after some minutes."""

    priority = "LOWEST"

    def __init__(self, minutes: float) -> None:
        self.end = time.monotonic() + 60 * minutes
        self.readings: list[float] = []

    def after_test_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Reads it."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.readings.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Reads it, and raises TimeoutError when the time is up."""
        self.after_test_iter(runner, batch_idx)
        if time.monotonic() > self.end:
            raise TimeoutError


def config_of(part: str, count: int, folder: str) -> Config:
    """configs/dav2/vits_nyu.py with `count` random scenes and a tiny network."""
    cfg = load_config("configs/dav2/vits_nyu.py")
    for name, batch in (("train_dataloader", 2), ("test_dataloader", 1)):
        pipeline = cfg[name].dataset.pipeline.to_dict()
        pipeline["resize"]["size"] = 56
        cfg[name].dataset = {"type": "RandomScenes", "length": batch * count, "pipeline": pipeline}
        cfg[name].update(batch_size=batch, num_workers=0, persistent_workers=False, pin_memory=False)
    cfg.merge_from_dict(
        {
            "work_dir": folder,
            "log_level": "ERROR",
            "model.backbone": {"_delete_": True, "type": "TimmBackbone", "name": "test_resnet"},
            "model.head": {"features": 8, "out_channels": [8, 8, 8, 8]},
            "train_cfg.max_epochs": 1,
        }
    )
    cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
    if part == "evaluation":
        cfg.train_dataloader = cfg.train_cfg = cfg.optim_wrapper = cfg.param_scheduler = None
    return cfg


def measure(part: str, count: int, minutes: float) -> list[float]:
    """Resident memory after each batch of a part, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner.from_cfg(config_of(part, count, folder))
        meter = Meter(minutes)
        runner.register_hook(meter)
        with contextlib.suppress(TimeoutError):
            runner.train() if part == "training" else runner.test()
    return meter.readings


def judge(part: str, readings: list[float]) -> int:
    """Prints the memory after the warm-up and at the end; 1 if it grew too much, else 0."""
    span = max(len(readings) // 100, 1)  # the median over a hundredth, so that no single reading decides
    warm = int(WARM_UP * len(readings))
    before, after = statistics.median(readings[warm : warm + span]), statistics.median(readings[-span:])
    growth = after / before - 1
    print(f"{part}: {len(readings)} batches, {before:.1f} MiB after {warm}, {after:.1f} MiB at the end: {growth:+.2%}")
    return int(growth > ALLOWED_GROWTH)


def main() -> int:
    """Runs the parts, each in a process of its own unless it is the only one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5000, help="steps of the training (default: %(default)s)")
    parser.add_argument("--images", type=int, default=5000, help="images of the evaluation (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="the longest that the training may take")
    parser.add_argument("--only", choices=PARTS, help="run this part alone")
    args = parser.parse_args()
    if args.only:
        return judge(args.only, measure(args.only, getattr(args, PARTS[args.only]), args.minutes))
    commands = [[sys.executable, __file__, *sys.argv[1:], "--only", part] for part in PARTS]
    return max(subprocess.run(command).returncode for command in commands)


if __name__ == "__main__":
    sys.exit(main())
