"""What a training run tells besides its losses: learning rates, throughput, memory."""

import sys
import time

import torch
from mmengine.hooks import Hook

from mdetools.registry import HOOKS

__all__ = ["TrainingStatsHook"]


@HOOKS.register_module()
class TrainingStatsHook(Hook):
    """Logs the learning rate of each parameter group, images per second over all processes, and peak memory in MiB.

    Memory is the GPU's where there is one, else the process's largest resident size, which Windows does not tell.
    """

    changes_training = False
    priority = "ABOVE_NORMAL"  # before LoggerHook, which writes what stands in the message hub

    def __init__(self) -> None:
        self.start = 0.0

    def before_train_epoch(self, runner) -> None:
        """Restarts the clock, so that a validation does not count."""
        self.start = time.perf_counter()

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Records the iteration's figures."""
        now = time.perf_counter()
        images = len(data_batch["image"]) * runner.world_size
        scalars = {"images_per_second": images / (now - self.start)}
        self.start = now
        memory = peak_memory_mib()
        if memory is not None:
            scalars["memory_mib"] = memory
        for index, group in enumerate(runner.optim_wrapper.optimizer.param_groups):
            scalars[f"{group.get('name', index)}_lr"] = group["lr"]
        for name, value in scalars.items():
            runner.message_hub.update_scalar(f"train/{name}", value)


def peak_memory_mib() -> float | None:
    """Peak memory of this process so far, in MiB; None where the system does not tell."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    try:
        import resource
    except ImportError:  # Windows has no such module
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)  # bytes on macOS, kilobytes on Linux
