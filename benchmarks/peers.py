"""The models that the benchmarks compare, and how one of them is measured alone in a process."""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

MAX_DEPTH = 10  # metres; transformers takes an int alone

# docs/training.md, "Faster on the CPU": glibc reads these when a process starts
KEEP_FREED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**31 - 1), "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1)}


# Of each model: its config, channels, blocks, and the blocks whose output goes to the head; tiny is for dry runs.
SIZES = {
    "tiny": ("configs/dav2/vits_nyu_quickstart.py", 384, 4, (1, 2, 3, 4)),
    "vits": ("configs/dav2/vits_nyu.py", 384, 12, (3, 6, 9, 12)),
    "vitb": ("configs/dav2/vitb_nyu.py", 768, 12, (3, 6, 9, 12)),
    "vitl": ("configs/dav2/vitl_nyu.py", 1024, 24, (5, 12, 18, 24)),
}


def config_of(arch: str):
    """The config of a model in `SIZES`."""
    from mdetools.engine.configs.loading import load_config

    return load_config(SIZES[arch][0])


class TransformersDepth(nn.Module):
    """Hugging Face's Depth Anything V2, metric; image (B, 3, H, W) to depth (B, 1, H, W)."""

    def __init__(self, arch: str = "vits") -> None:
        super().__init__()
        from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

        _, channels, blocks, outputs = SIZES[arch]
        head = config_of(arch).model.head
        backbone = Dinov2Config(
            hidden_size=channels,
            num_attention_heads=channels // 64,
            num_hidden_layers=blocks,
            image_size=518,
            patch_size=14,
            out_features=[f"stage{block}" for block in outputs],
            reshape_hidden_states=False,
        )
        self.model = DepthAnythingForDepthEstimation(
            DepthAnythingConfig(
                backbone_config=backbone,
                reassemble_hidden_size=channels,
                patch_size=14,
                neck_hidden_sizes=list(head.out_channels),
                fusion_hidden_size=head.features,
                depth_estimation_type="metric",
                max_depth=MAX_DEPTH,
            )
        )

    def forward(self, image: Tensor) -> Tensor:
        """Metres."""
        return self.model(image).predicted_depth[:, None]


class MdetoolsDepth(nn.Module):
    """The model of a config in `SIZES`; image (B, 3, H, W) to depth (B, 1, H, W)."""

    def __init__(self, arch: str = "vits") -> None:
        super().__init__()
        from mdetools.registry import MODELS

        self.model = MODELS.build(config_of(arch).model)

    def forward(self, image: Tensor) -> Tensor:
        """Metres."""
        return self.model(image, mode="tensor")["depth"]


MODELS = {"transformers": TransformersDepth, "mdetools": MdetoolsDepth}


class Worker:
    """A variant alone in a process, where it keeps its model and takes a step whenever it is told to."""

    def __init__(self, script: str, **options) -> None:
        arguments = [f"--{name}={value}" for name, value in options.items()]
        command = [sys.executable, script, "--one", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def step(self) -> tuple[float, float]:
        """Seconds of one step, and the process's peak memory so far in GB."""
        print("step", file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{' '.join(self.process.args)} died; run it and press Enter to see why")
        return tuple(json.loads(answer))

    def close(self) -> None:
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()


def serve(step: Callable[[], object]) -> None:
    """Takes a step for each line of standard input, and prints its seconds and the peak memory."""
    for _ in sys.stdin:
        synchronize()
        start = time.perf_counter()
        step()
        synchronize()
        print(json.dumps([time.perf_counter() - start, peak_gb()]), flush=True)


def peak_gb() -> float:
    """The most memory that this process has held at once: on the GPU if there is one, else in all."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def synchronize() -> None:
    """Waits for the GPU, if there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def parser(description: str, steps: int, batch: int) -> argparse.ArgumentParser:
    """Arguments that the benchmarks of a model share."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--size", type=int, default=518, help="height and width of the images (%(default)s)")
    made.add_argument("--steps", type=int, default=steps, help="timed steps of each variant (%(default)s)")
    made.add_argument("--batch", type=int, default=batch, help="images per step (%(default)s)")
    made.add_argument(
        "--keep-freed-memory",
        action="store_true",
        help="let the C library of every variant keep freed memory, by environment variables, in place of its default",
    )
    made.add_argument("--model", choices=MODELS, help=argparse.SUPPRESS)
    made.add_argument("--dtype", choices=["fp32", "bf16"], help=argparse.SUPPRESS)
    made.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return made


def compare(script: str, args: argparse.Namespace) -> None:
    """Prints time and memory of every variant.

    The variants take turns step by step, since a machine's speed drifts within minutes, and a ratio is the median of
    the rounds' ratios. All have the same allocator.
    """
    if args.keep_freed_memory:
        os.environ.update(KEEP_FREED_MEMORY)
    variants = [("transformers", "fp32"), ("mdetools", "fp32"), ("mdetools", "bf16"), ("transformers", "bf16")]
    workers = [Worker(script, model=model, dtype=dtype, size=args.size, batch=args.batch) for model, dtype in variants]
    rounds = [[worker.step() for worker in workers] for _ in range(args.steps + 1)]  # the first does not count
    for worker in workers:
        worker.close()
    print(f"{'variant':<20}{'best s':>9}{'median s':>10}{'time':>8}{'peak GB':>9}{'memory':>8}")
    for index, (model, dtype) in enumerate(variants):
        seconds = [turns[index][0] for turns in rounds[1:]]
        ratio = statistics.median(turns[index][0] / turns[0][0] for turns in rounds[1:])
        peak = rounds[-1][index][1]
        cells = f"{min(seconds):>9.3f}{statistics.median(seconds):>10.3f}{ratio:>7.2f}x{peak:>9.2f}"
        print(f"{model + ' ' + dtype:<20}{cells}{peak / rounds[-1][0][1]:>7.2f}x")
