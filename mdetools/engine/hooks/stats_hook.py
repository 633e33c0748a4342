"""What a training run tells besides its losses: learning rates, throughput, memory."""

import sys
import time
from collections.abc import Mapping, Sequence

import torch
from mmengine.hooks import Hook

from mdetools.engine.optim.param_groups import LAYER, NO_DECAY
from mdetools.registry import HOOKS

__all__ = ["TrainingStatsHook"]


@HOOKS.register_module()
class TrainingStatsHook(Hook):
    """Logs the learning rate of each part of the model, images per second over all processes, and peak memory in MiB.

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
        for name, value in scalars.items():
            runner.message_hub.update_scalar(f"train/{name}", value)
        for name, rate in learning_rates(runner.optim_wrapper.optimizer.param_groups).items():
            runner.message_hub.update_scalar(f"lr/{name}", rate)


def learning_rates(groups: Sequence[Mapping]) -> dict[str, float]:
    """The learning rate of each part of a model, by the names of an optimiser's groups.

    A part's second group, without weight decay, has the rate of its first. Of an encoder's layers the first is shown. A
    group without a name has its number, and is left out where one before it has the same rate: MMEngine's constructor
    makes a group of every parameter.

    >>> learning_rates([{"name": "encoder", "lr": 1e-6}, {"name": "encoder_no_decay", "lr": 1e-6}])
    {'encoder': 1e-06}
    >>> learning_rates([{"name": f"encoder_layer_{layer}", "lr": 2**layer * 1e-6} for layer in range(3)])
    {'encoder_layer_0': 1e-06}
    >>> learning_rates([{"lr": 1e-6}, {"lr": 1e-5}, {"lr": 1e-6}])
    {'0': 1e-06, '1': 1e-05}
    """
    rates: dict[str, float] = {}
    for index, group in enumerate(groups):
        if "name" in group:
            name = group["name"].removesuffix(NO_DECAY)
            if name.partition(LAYER)[2] in ("", "0"):
                rates.setdefault(name, group["lr"])
        elif group["lr"] not in rates.values():
            rates[str(index)] = group["lr"]
    return rates


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
