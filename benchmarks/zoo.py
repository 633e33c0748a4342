"""The table of the model zoo: python benchmarks/zoo.py writes docs/zoo.md; --speed CONFIG ... prints seconds per image.

Parameters and operations are counted on models without numbers, on the image that the config's own test pipeline makes
of a frame of its data set's size. What to expect stands in the head of each config, and is read from there.
"""

import argparse
import re
import time
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mdetools.engine.configs.loading import load_config
from mdetools.progress import track
from mdetools.registry import MODELS, TRANSFORMS

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = ("dav1", "dav2", "garg", "relative", "rgbd")
# abs_rel / d1 by the articles. Fine-tuned: Yang et al., Depth Anything V2, 2024, table 4. Without fine-tuning, aligned:
# their table 2, in which V1 stands too. Garg et al., ECCV 2016, on KITTI from 1 to 50 m, which alexnet_kitti.py is.
PUBLISHED = {
    "dav1/vits_relative": "0.053 / 0.972",
    "dav1/vitb_relative": "0.046 / 0.979",
    "dav1/vitl_relative": "0.043 / 0.981",
    "dav2/vits_nyu": "0.073 / 0.961",
    "dav2/vitb_nyu": "0.063 / 0.977",
    "dav2/vitl_nyu": "0.056 / 0.984",
    "dav2/vits_kitti": "0.053 / 0.973",
    "dav2/vitb_kitti": "0.048 / 0.979",
    "dav2/vitl_kitti": "0.045 / 0.983",
    "dav2/vits_relative": "0.053 / 0.973",
    "garg/alexnet_kitti": "0.169 / 0.740",
}
HEAD = """# Model zoo

Every config of these families, written by `python benchmarks/zoo.py`: a test holds the table to the configs. Sizes are those of
one image as the config's own test pipeline makes it; GFLOPs count a multiplication and an addition as two, and attention with
its products; MB are the weights in float32, GB what training keeps of them by AdamW in float32 (16 bytes each: weights,
gradients, two moments), shared out between the processes where the config says so ([how](training.md#models-that-do-not-fit-one-gpu)).
Seconds per image are of two cores of an AMD EPYC in float32, where somebody measured them (`--speed`), on a machine with other work;
[benchmarks](benchmarks.md) has ratios and a GPU.

The article's figure is its authors', abs_rel / d1, with their weights and their protocol; what was measured here stands in the last
column, copied from the config's own first lines, and is nobody's but ours. Downstream tasks have [a page of their own](downstream.md).
"""
COLUMNS = ("config", "M parameters", "image", "GFLOPs", "MB", "GB", "s / image", "article", "expect, measured here")
# By --speed, the fastest of three.
SECONDS: dict[str, float] = {}


def configs() -> list[str]:
    """Names of the zoo's configs."""
    found = [path for family in FAMILIES for path in sorted((ROOT / "configs" / family).glob("*.py"))]
    return [path.relative_to(ROOT / "configs").with_suffix("").as_posix() for path in found]


def opening(name: str) -> tuple[str, str]:
    """The command that a config opens with, and what it says is to be expected."""
    text = (ROOT / "configs" / f"{name}.py").read_text(encoding="utf-8")
    lines = [line.removeprefix("#").strip() for line in re.match(r"(#.*\n)+", text)[0].splitlines()]
    _, found, expected = " ".join(lines[1:]).partition("Expect: ")
    return lines[0], expected if found else "see the config"


def build(name: str, device: str = "meta") -> tuple[Config, nn.Module]:
    """A config and its model, without numbers on the device "meta"."""
    cfg = load_config(str(ROOT / "configs" / f"{name}.py"))
    with torch.device(device):
        return cfg, MODELS.build(cfg.model).eval()


def leaf(dataset: dict) -> dict:
    """The config of a data set, or the first of those that it is made of."""
    while "pipeline" not in dataset:
        dataset = next(one for one in dataset["datasets"].values() if one) if "datasets" in dataset else dataset.dataset
    return dataset


def image_of(cfg: Config) -> torch.Tensor:
    """(3, H, W), uint8: a random frame as the test's pipeline leaves it."""
    dataset = leaf(cfg.test_dataloader.dataset)
    height, width = (375, 1242) if re.match("KITTI|VKITTI|Garg", dataset.type) else (480, 640)
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    depth = np.full((height, width), 2.0, np.float32)
    camera = np.array([[500, 0, width / 2], [0, 500, height / 2], [0, 0, 1]], np.float32)
    sample = {"image": frame, "depth": depth, "valid_mask": depth > 0, "intrinsics": camera, "meta": {"id": "0"}}
    sample |= {"image_right": frame, "baseline": np.float32(0.5), "size": np.array([height, width])}
    for transform in dataset.pipeline.values():
        if transform is not None:
            sample = TRANSFORMS.build(transform)(sample, rng)
    return sample["image"]


def row(name: str) -> list[str]:
    """A line of the table."""
    cfg, model = build(name)
    image = image_of(cfg)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.empty(1, *image.shape, device="meta"))
    count = sum(parameter.numel() for parameter in model.parameters())
    seconds = f"{SECONDS[name]:.2f}" if name in SECONDS else ""
    facts = f"{count / 1e6:.1f}", "x".join(map(str, image.shape[1:])), f"{counter.get_total_flops() / 1e9:.0f}"
    size = f"{4 * count / 1e6:.0f}", f"{16 * count / 1e9:.1f}"
    return [f"`{name}`", *facts, *size, seconds, PUBLISHED.get(name, ""), opening(name)[1]]


def table(names: list[str]) -> str:
    """The page."""
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(row(name) for name in track(names, len(names), "zoo"))]
    commands = "\n".join(f"{opening(name)[0]}" for name in names)
    lines = "\n".join(f"| {' | '.join(one)} |" for one in rows)
    return f"{HEAD}\n{lines}\n\n## Commands\n\nEach needs its data, and most of them weights:\n\n```text\n{commands}\n```\n"


def seconds(name: str) -> float:
    """Seconds of a forward pass on the CPU, the fastest of three."""
    cfg, model = build(name, "cpu")
    image = image_of(cfg)[None].float()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        with torch.no_grad():
            model(image)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", nargs="*", metavar="CONFIG", help="print seconds per image of these")
    args = parser.parse_args()
    for name in args.speed or ():
        print(f"{name}: {seconds(name):.2f}")
    if args.speed is None:
        (ROOT / "docs" / "zoo.md").write_text(table(configs()), encoding="utf-8")
