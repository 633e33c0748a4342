"""A run of tools/infer.py's kind to its end: throughput against the bare forward pass, and peak memory.

python benchmarks/infer_run.py [--images 200] [--seconds 30] [--arch vits] [--size 518] [--precision fp32]

A folder of images of mixed sizes with 5 broken ones, a video and a picture of 6000x4000, by random weights. The bare
forward pass is that of the model on the same prepared batches, without reading, resizing to the picture and writing.
"""

import argparse
import contextlib
import io
import resource
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from mdetools.apis import DepthInferencer
from mdetools.apis.inference.batching import group_by_size
from mdetools.apis.inference.inputs import entries_of
from mdetools.apis.inference.network import TYPES
from mdetools.apis.inference.streaming import Options, prepared_ahead
from mdetools.apis.predicting import RunOptions, run
from mdetools.datasets.collation import collate_samples
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS

SIZES = [(480, 640), (375, 500), (640, 480), (360, 640)]
BROKEN = 5


def write_inputs(folder: Path, images: int, seconds: int) -> None:
    """Writes the folder, the video and the large picture."""
    rng = np.random.default_rng(0)
    (folder / "photos").mkdir()
    for number in range(images):
        height, width = SIZES[number % len(SIZES)]
        smooth = cv2.resize(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8), (width, height))
        path = folder / "photos" / f"{number:04d}.jpg"
        cv2.imwrite(str(path), smooth)
        if number % (images // BROKEN) == 3:
            path.write_bytes(path.read_bytes()[:1000])
    cv2.imwrite(str(folder / "large.jpg"), cv2.resize(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8), (6000, 4000)))
    encoder = cv2.VideoWriter(str(folder / "v.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 25, (640, 480))
    for number in range(25 * seconds):
        encoder.write(np.roll(cv2.resize(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), (640, 480)), number, 1))
    encoder.release()


def bare_seconds(predict: DepthInferencer, photos: Path) -> float:
    """Seconds of the model's forward passes alone, on the batches of the folder."""
    options = Options(predict.batch_size, predict.workers)
    ready = prepared_ahead(entries_of(photos), predict.preparation, options, lambda *_: None)
    groups = group_by_size(ready, lambda one: tuple(one.sample["image"].shape), predict.batch_size)
    kind, total = TYPES.get(predict.network.precision), 0.0
    with torch.inference_mode(), torch.autocast(predict.device.type, kind, enabled=kind is not None):
        for group in groups:
            data = predict.model.data_preprocessor(collate_samples([one.sample for _, one in group]))
            synchronize(predict.device)
            start = time.perf_counter()
            predict.model(data["image"])
            synchronize(predict.device)
            total += time.perf_counter() - start
    return total


def synchronize(device: torch.device) -> None:
    """Waits for a GPU."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak() -> float:
    """MiB of this process, at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Runs it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--arch", default="vits")
    parser.add_argument("--size", type=int, default=518)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--batch-size", type=int, default=1)
    args = parser.parse_args()
    options = {"model.backbone.arch": args.arch}
    cfg = load_config("configs/dav2/vits_relative.py", options)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_inputs(folder, args.images, args.seconds)
        torch.save({"state_dict": MODELS.build(cfg.model).state_dict()}, folder / "model.pth")
        predict = DepthInferencer(
            cfg,
            folder / "model.pth",
            input_size=args.size,
            precision=args.precision,
            batch_size=args.batch_size,
        )
        predict(str(folder / "photos/0000.jpg"))
        bare = bare_seconds(predict, folder / "photos")
        start = time.perf_counter()
        count = sum(1 for _ in predict.stream(folder / "photos", skip=lambda *_: None))
        streamed = time.perf_counter() - start
        print(
            f"{count} images: bare forward {count / bare:.2f} images/s, stream {count / streamed:.2f}, "
            f"{bare / streamed:.3f} of it; peak {peak():.0f} MiB"
        )
        for name in ("photos", "large.jpg", "v.mp4"):
            start, told = time.perf_counter(), io.StringIO()
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                code = run(predict, [str(folder / name)], RunOptions(out=str(folder / "out")))
            print(f"{name}: exit code {code}, {time.perf_counter() - start:.1f} s, peak {peak():.0f} MiB")


if __name__ == "__main__":
    main()
