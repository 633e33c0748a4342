"""Images per second from file to map: mdetools' inferencer beside `transformers.pipeline`, with the same weights.

python benchmarks/pipelines.py [--images 100] [--rounds 3] [--arch vits] [--batch-size 1] [--size 518]

Both read the same JPEG files, resize to the same size and return maps of the files' size. They take turns round by
round, since a machine's speed drifts, and a ratio is the median of the rounds' ratios.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.peers import TransformersDepth, config_of, synchronize
from mdetools.apis import DepthInferencer
from mdetools.weights.formats import to_mdetools

HEIGHT, WIDTH = 480, 640


def write_images(folder: Path, count: int) -> list[str]:
    """Writes smooth random images; returns their paths."""
    rng = np.random.default_rng(0)
    paths = [str(folder / f"{number:04d}.jpg") for number in range(count)]
    for path in paths:
        cv2.imwrite(path, cv2.resize(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8), (WIDTH, HEIGHT)))
    return paths


def theirs(peer: torch.nn.Module, paths: list[str], batch_size: int, size: int) -> Callable[[], int]:
    """`transformers.pipeline` over the files."""
    from transformers import DPTImageProcessor, pipeline

    processor = DPTImageProcessor(
        size={"height": size, "width": size},
        keep_aspect_ratio=True,
        ensure_multiple_of=14,
        resample=3,
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    device = 0 if torch.cuda.is_available() else "cpu"
    run = pipeline("depth-estimation", model=peer, image_processor=processor, device=device)
    return lambda: len(list(run(paths, batch_size=batch_size)))


def ours(state: dict, paths: list[str], folder: Path, precision: str, args: argparse.Namespace) -> Callable[[], int]:
    """The inferencer over the files."""
    torch.save({"state_dict": to_mdetools(state, "transformers")}, folder / "model.pth")
    cfg = config_of(args.arch)
    options = dict(input_size=args.size, precision=precision, batch_size=args.batch_size)
    predict = DepthInferencer(cfg, folder / "model.pth", **options)
    return lambda: sum(1 for _ in predict.stream(paths))


def seconds(run: Callable[[], int], count: int) -> float:
    """Of one round over all files."""
    synchronize()
    start = time.perf_counter()
    assert run() == count
    synchronize()
    return time.perf_counter() - start


def main() -> None:
    """Compares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--arch", default="vits")
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--size", type=int, default=518)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        paths, peer = write_images(folder, args.images), TransformersDepth(args.arch)
        variants = {
            "transformers fp32": theirs(peer.model.eval(), paths, args.batch_size, args.size),
            **{
                f"mdetools {precision}": ours(peer.model.state_dict(), paths, folder, precision, args)
                for precision in ("fp32", "bf16")
            },
        }
        rounds = [{name: seconds(run, args.images) for name, run in variants.items()} for _ in range(args.rounds + 1)]
    for name in variants:
        times = [one[name] for one in rounds[1:]]  # the first does not count
        ratio = statistics.median(one["transformers fp32"] / one[name] for one in rounds[1:])
        print(f"{name:<20}{args.images / statistics.median(times):>9.2f} images/s{ratio:>7.2f}x")


if __name__ == "__main__":
    main()
