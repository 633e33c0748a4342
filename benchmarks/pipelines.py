"""Images per second from file to map: mdetools' inferencer beside `transformers.pipeline` and depth-estimation's.

python benchmarks/pipelines.py [--images 100] [--rounds 3] [--arch vits] [--batch-size 1] [--size 518]

All read the same JPEG files, resize to the same size and return maps of the files' size. The first two have the same
weights; those of depth-estimation (PyPI; left out where it is not installed) are random, which takes no other time, and
it colours no map here. They take turns round by round, since a machine's speed drifts, and a ratio is the median of the
rounds' ratios.
"""

import argparse
import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from peers import TransformersDepth, config_of, synchronize

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


def depth_estimations(paths: list[str], args: argparse.Namespace) -> Callable[[], int]:
    """The pipeline of the package depth-estimation over the files."""
    from depth_estimation.models.depth_anything_v2 import DepthAnythingV2Config
    from depth_estimation.models.depth_anything_v2.modeling_depth_anything_v2 import DepthAnythingV2Model
    from depth_estimation.pipeline_utils import DepthPipeline
    from depth_estimation.processing_utils import DepthProcessor

    config = DepthAnythingV2Config(backbone=args.arch, input_size=args.size)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    run = DepthPipeline(DepthAnythingV2Model(config), DepthProcessor(config), device)
    return lambda: len(run(list(paths), batch_size=args.batch_size, colorize=False))


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
        found = importlib.util.find_spec("depth_estimation") is not None
        variants = {
            **({"depth-estimation fp32": depth_estimations(paths, args)} if found else {}),
            "transformers fp32": theirs(peer.model.eval(), paths, args.batch_size, args.size),
            **{
                f"mdetools {precision}": ours(peer.model.state_dict(), paths, folder, precision, args)
                for precision in ("fp32", "bf16")
            },
        }
        rounds = [{name: seconds(run, args.images) for name, run in variants.items()} for _ in range(args.rounds + 1)]
    for name in variants:
        times = [one[name] for one in rounds[1:]]  # the first does not count
        ratios = [
            f"{statistics.median(one[peer] / one[name] for one in rounds[1:]):>7.2f}x {peer}"
            for peer in variants
            if not peer.startswith("mdetools")
        ]
        print(f"{name:<22}{args.images / statistics.median(times):>7.2f} images/s{''.join(ratios)}")


if __name__ == "__main__":
    main()
