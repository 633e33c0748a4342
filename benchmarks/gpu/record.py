"""What a part measured, written after each figure, so that a time limit costs only what was not yet measured."""

import argparse
import gc
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.peers import peak_gb, synchronize
from mdetools.errors import one_line
from mdetools.files import write_text

__all__ = ["Record", "on_gpu", "part_arguments", "timed"]


def on_gpu() -> bool:
    """Whether this is no dry run on the CPU."""
    return torch.cuda.is_available()


def part_arguments(description: str) -> argparse.Namespace:
    """The command line of every part, which `python -m benchmarks.gpu` writes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    parser.add_argument("--seconds", type=float, required=True, help="nothing is begun after these")
    parser.add_argument("--tiny", action="store_true", help="small models and images, two steps")
    return parser.parse_args()


class Record:
    """Rows of one part, and what failed.

    Args:
        path: JSON file.
        seconds: budget of the part, from now on.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self.start = time.perf_counter()
        self.seconds = seconds
        self.content = {"versions": versions(), "device": device_name(), "rows": [], "failures": [], "not_begun": []}
        self.write()

    def left(self) -> float:
        """Seconds of the budget that are left."""
        return self.seconds - (time.perf_counter() - self.start)

    def attempt(self, function: Callable, **setting):
        """What `function(**setting)` gives; None after a failure, which is noted and does not end the part."""
        if self.left() < 0:
            self.content["not_begun"].append(setting)
            self.write()
            return None
        gc.collect()  # the model of the setting before
        if on_gpu():
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            return function(**setting)
        except Exception as error:
            name = type(error).__name__
            reason = "out of memory" if name == "OutOfMemoryError" else one_line(f"{name}: {error}", 300)
            self.content["failures"].append({**setting, "reason": reason})
            print(f"{describe(setting)}: FAILED: {reason}", file=sys.stderr, flush=True)
            self.write()
            return None

    def measure(self, function: Callable[..., dict], **setting) -> None:
        """Adds the row `{**setting, **function(**setting)}`."""
        start = time.perf_counter()
        row = self.attempt(function, **setting)
        if row is not None:
            self.content["rows"].append({**setting, **row, "took_s": time.perf_counter() - start})
            print(describe(setting | row), flush=True)
            self.write()

    def write(self) -> None:
        """Writes the file, whole or not at all."""
        seconds = {"seconds": round(time.perf_counter() - self.start, 1)}
        write_text(self.path, json.dumps({**self.content, **seconds}, indent=1) + "\n")


def describe(row: dict) -> str:
    """A row in one line."""
    return " ".join(
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}" for key, value in row.items()
    )


def versions() -> dict[str, str]:
    """Of what the figures depend on."""
    import timm
    import transformers

    from mdetools import __version__

    found = {"mdetools": __version__, "torch": torch.__version__, "timm": timm.__version__}
    found |= {"transformers": transformers.__version__, "python": platform.python_version()}
    return found | ({"cuda": torch.version.cuda, "cudnn": str(torch.backends.cudnn.version())} if on_gpu() else {})


def device_name() -> str:
    """The GPU's, or "cpu"."""
    return torch.cuda.get_device_name() if on_gpu() else "cpu"


def timed(step: Callable[[], object], images: int, repeats: int = 5, quarter: float = 0.25) -> dict[str, float]:
    """Images per second of a step, the median of some repeats, and peak memory in GB.

    A repeat is as many steps in a row as fit into a quarter of a second, so that the host may run ahead of the GPU as
    it does in a training. Two steps come before, of which the first compiles, chooses kernels and allocates.
    """
    first = seconds_of(step, 1)
    steps = max(1, min(20, int(quarter / seconds_of(step, 1)))) if on_gpu() else 1
    seconds = statistics.median(seconds_of(step, steps) / steps for _ in range(repeats if on_gpu() else 1))
    return {"images_s": images / seconds, "step_ms": 1e3 * seconds, "peak_gb": peak_gb(), "first_step_s": first}


def seconds_of(step: Callable[[], object], count: int) -> float:
    """Seconds of so many steps."""
    synchronize()
    start = time.perf_counter()
    for _ in range(count):
        step()
    synchronize()
    return time.perf_counter() - start
