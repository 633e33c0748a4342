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
FAMILIES = ("dav1", "dav2", "garg", "relative", "rgbd", "tiny")
# NYU, abs_rel / d1, aligned in inverse depth. V1: the table of its authors' repository; V2: table 5 of its article.
# Others are left out, as nobody has compared them with the articles here.
PUBLISHED = {
    "dav1/vits_relative": "0.053 / 0.972",
    "dav1/vitb_relative": "0.046 / 0.979",
    "dav1/vitl_relative": "0.043 / 0.981",
    "dav2/vits_relative": "0.053 / 0.973",
    "dav2/vits_da2k": "95.3 % of DA-2K",
    "relative/student_v1_vits": "0.053 / 0.972",
    "relative/student_v1_vitb": "0.046 / 0.979",
    "relative/student_v1_vitl": "0.043 / 0.981",
    "relative/student_v2_vits": "0.053 / 0.973",
    "relative/teacher_vits": "0.084 / 0.928",
}
HEAD = """# Model zoo

Every config of these families. `python benchmarks/zoo.py` writes this page, and a test holds it to the configs.

- *image* is what the config's test pipeline makes of one frame (480x640, KITTI 375x1242), *GFLOPs* the operations
  of a forward pass on it, a multiplication and an addition counted as two.
- *MB* are the weights in float32. *GB* is what training by AdamW keeps of them in float32, 16 bytes a weight: weights,
  gradients and two moments. It is shared out between the processes where the config is
  [fully sharded](distributed.md#models-that-do-not-fit-one-gpu), and activations come on top.
- *CPU s* are seconds of one core of an AMD EPYC for a forward pass in float32, measured here by
  `python benchmarks/zoo.py --speed CONFIG` while the machine had other work, which costs time too; where nothing
  stands, nobody measured. [Benchmarks](benchmarks.md) compares with other implementations, and on a GPU.
- *published* is the authors' figure on NYU with their weights, abs_rel / d1; *measured here* is copied from the first
  lines of the config.

Downstream tasks have [a page of their own](downstream.md).
"""
COLUMNS = ("config", "M parameters", "image", "GFLOPs", "MB", "GB", "CPU s", "published", "measured here")
# By --speed, the fastest of three.
SECONDS = {
    "dav2/vits_nyu": 2.04,
    "dav2/vits_nyu_quickstart": 0.03,
    "dav2/vitb_nyu": 6.09,
    "garg/alexnet_kitti": 0.18,
    "garg/resnet50_kitti": 0.36,
    "relative/student_v2_small": 0.02,
    "relative/tiny": 0.02,
    "rgbd/vits_own_data_small": 0.03,
}


def configs() -> list[str]:
    """Names of the zoo's configs."""
    found = [path for family in FAMILIES for path in sorted((ROOT / "configs" / family).glob("*.py"))]
    return [path.relative_to(ROOT / "configs").with_suffix("").as_posix() for path in found]


def opening(name: str) -> tuple[str, str]:
    """The command that a config opens with, and what it says is to be expected."""
    text = (ROOT / "configs" / f"{name}.py").read_text(encoding="utf-8")
    lines = [line.removeprefix("#").strip() for line in re.match(r"(#.*\n)+", text)[0].splitlines()]
    expected = " ".join(lines[1:]).partition("Expect")[2].lstrip(":, ").removesuffix(".")
    return lines[0], expected.replace("not measured here", "no", 1) if expected.startswith("not measured") else expected


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
    device = "cpu" if cfg.model.head.type == "CoarseToFineHead" else "meta"  # it asks for autocast, which has no meta
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.to_empty(device=device)(torch.zeros(1, *image.shape, device=device))
    count = sum(parameter.numel() for parameter in model.parameters())
    seconds = f"{SECONDS[name]:.2f}" if name in SECONDS else ""
    gigaflops = counter.get_total_flops() / 1e9
    facts = f"{count / 1e6:.1f}", "x".join(map(str, image.shape[1:])), f"{gigaflops:.{1 if gigaflops < 10 else 0}f}"
    size = f"{4 * count / 1e6:.0f}", f"{16 * count / 1e9:.1f}"
    return [f"`{name}`", *facts, *size, seconds, PUBLISHED.get(name, ""), opening(name)[1]]


def table(names: list[str]) -> str:
    """The page."""
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(row(name) for name in track(names, len(names), "zoo"))]
    commands = "\n".join(f"{opening(name)[0]}" for name in names)
    lines = "\n".join(f"| {' | '.join(one)} |" for one in rows)
    needs = "They need their data, and most of them weights:"
    return f"{HEAD}\n{lines}\n\n## Commands\n\n{needs}\n\n```text\n{commands}\n```\n"


def seconds(name: str) -> float:
    """Seconds of one core for a forward pass, the fastest of three; other processes take none of them."""
    torch.set_num_threads(1)
    cfg, model = build(name, "cpu")
    image = image_of(cfg)[None].float()
    times = []
    for _ in range(3):
        start = time.process_time()
        with torch.no_grad():
            model(image)
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", nargs="*", metavar="CONFIG", help="print seconds per image of these")
    args = parser.parse_args()
    for name in args.speed or ():
        print(f"{name}: {seconds(name):.2f}")
    if args.speed is None:
        (ROOT / "docs" / "zoo.md").write_text(table(configs()), encoding="utf-8")
