"""The models that the benchmarks compare, and how one of them is measured alone in a process."""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

MAX_DEPTH = 10  # metres; transformers takes an int alone


class TransformersDepth(nn.Module):
    """Hugging Face's Depth Anything V2 Small, metric; image (B, 3, H, W) to depth (B, 1, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

        backbone = Dinov2Config(
            hidden_size=384,
            num_attention_heads=6,
            num_hidden_layers=12,
            image_size=518,
            patch_size=14,
            out_features=["stage3", "stage6", "stage9", "stage12"],
            reshape_hidden_states=False,
        )
        self.model = DepthAnythingForDepthEstimation(
            DepthAnythingConfig(
                backbone_config=backbone,
                reassemble_hidden_size=384,
                patch_size=14,
                neck_hidden_sizes=[48, 96, 192, 384],
                fusion_hidden_size=64,
                depth_estimation_type="metric",
                max_depth=MAX_DEPTH,
            )
        )

    def forward(self, image: Tensor) -> Tensor:
        """Metres."""
        return self.model(image).predicted_depth[:, None]


class MdetoolsDepth(nn.Module):
    """The model of configs/dav2/vits_nyu.py; image (B, 3, H, W) to depth (B, 1, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        from mdetools.engine.config import load_config
        from mdetools.registry import MODELS

        self.model = MODELS.build(load_config("configs/dav2/vits_nyu.py").model)

    def forward(self, image: Tensor) -> Tensor:
        """Metres."""
        return self.model(image, mode="tensor")["depth"]


MODELS = {"transformers": TransformersDepth, "mdetools": MdetoolsDepth}


def alone(script: str, **options) -> dict:
    """Runs `script --one` in a process of its own and returns the JSON that it prints last."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = [sys.executable, script, "--one", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def measure(step: Callable[[], object], repeats: int) -> dict[str, float]:
    """Median and best seconds of a step after one that does not count, and the process's peak memory in GB."""
    step()
    seconds = []
    for _ in range(repeats):
        synchronize()
        start = time.perf_counter()
        step()
        synchronize()
        seconds.append(time.perf_counter() - start)
    if torch.cuda.is_available():
        peak = torch.cuda.max_memory_allocated() / 1e9
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return {"median": statistics.median(seconds), "best": min(seconds), "peak_gb": peak}


def synchronize() -> None:
    """Waits for the GPU, if there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def parser(description: str, repeats: int, **defaults) -> argparse.ArgumentParser:
    """Arguments that the benchmarks of a model share."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--size", type=int, default=518, help="height and width of the images (%(default)s)")
    made.add_argument("--repeats", type=int, default=repeats, help="timed steps of each variant a round (%(default)s)")
    made.add_argument("--rounds", type=int, default=2, help="rounds, in which the variants take turns (%(default)s)")
    made.add_argument("--batch", type=int, default=defaults.get("batch", 1), help="images a step (%(default)s)")
    made.add_argument("--model", choices=MODELS, help=argparse.SUPPRESS)
    made.add_argument("--dtype", choices=["fp32", "bf16"], help=argparse.SUPPRESS)
    made.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return made


def compare(script: str, args: argparse.Namespace) -> None:
    """Measures every variant in turn, each alone in a process, and prints times and memory."""
    variants = [("transformers", "fp32"), ("mdetools", "fp32"), ("mdetools", "bf16"), ("transformers", "bf16")]
    results: dict[tuple[str, str], list[dict]] = {variant: [] for variant in variants}
    for _ in range(args.rounds):
        for model, dtype in variants:
            one = alone(script, model=model, dtype=dtype, size=args.size, batch=args.batch, repeats=args.repeats)
            results[model, dtype].append(one)
    base_time = min(one["best"] for one in results["transformers", "fp32"])
    base_peak = min(one["peak_gb"] for one in results["transformers", "fp32"])
    print(f"{'variant':<20}{'best s':>9}{'median s':>10}{'time':>8}{'peak GB':>9}{'memory':>8}")
    for (model, dtype), ones in results.items():
        best, peak = min(one["best"] for one in ones), min(one["peak_gb"] for one in ones)
        median = statistics.median(one["median"] for one in ones)
        cells = f"{best:>9.3f}{median:>10.3f}{best / base_time:>7.2f}x{peak:>9.2f}{peak / base_peak:>7.2f}x"
        print(f"{model + ' ' + dtype:<20}{cells}")
