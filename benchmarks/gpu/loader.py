"""How many images per second the training loader gives, and whether a step that it feeds has to wait for it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mmengine.runner import Runner

from benchmarks.peers import synchronize
from mdetools.engine.configs.dataloaders import adapt_dataloader
from mdetools.engine.configs.loading import load_config

__all__ = ["cores", "make_frames", "measure_loader"]


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def make_frames(folder: Path, count: int) -> None:
    """Ray-casts training frames of NYU's size, 480x640, on all cores."""
    options = [str(folder), "--size", "480x640", "--train", str(count), "--val", "1"]
    subprocess.run([sys.executable, "tools/make_synthetic.py", "nyu", *options], check=True, stderr=subprocess.DEVNULL)


def batches(folder: Path, size: int, batch: int, count: int) -> Iterator[dict]:
    """So many batches of configs/dav2/vits_nyu.py's training loader, with as many workers as there are cores."""
    loader = load_config("configs/dav2/vits_nyu.py", data_root=str(folder)).train_dataloader
    loader.update(batch_size=batch, num_workers=cores())
    loader.dataset.pipeline.resize.size = size
    loader.dataset = dict(type="RepeatDataset", dataset=loader.dataset, times=count * batch)  # enough with one frame
    adapt_dataloader(loader)
    yield from (one for _, one in zip(range(count), Runner.build_dataloader(loader, seed=0), strict=False))


def measure_loader(folder: Path, size: int, batch: int, train: Callable[[dict], object] | None = None) -> dict:
    """Images per second of the loader, alone or with a training step behind it.

    The first batches do not count, until every worker has given some; what has been loaded ahead by then is a fifth of
    what follows at most.
    """
    warm_up, counted = 2 * cores() + 2, 10 * cores()
    for index, one in enumerate(batches(folder, size, batch, warm_up + counted)):
        if index == warm_up:
            synchronize()
            start = time.perf_counter()
        if train is not None:
            train(one)
    synchronize()
    return {"workers": cores(), "images_s": (counted - 1) * batch / (time.perf_counter() - start)}
