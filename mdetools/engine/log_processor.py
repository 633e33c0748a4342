"""What a run says on one line of the log, and what it leaves for TensorBoard and scalars.json."""

import math
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.runner import LogProcessor as MMEngineLogProcessor

from mdetools.registry import LOG_PROCESSORS

__all__ = ["LogProcessor"]

REPEATED = {"train/lr", "train/base_lr"}  # the first group's rate, which `lr/<group>` has
THROUGHPUT = "train/images_per_second"


@LOG_PROCESSORS.register_module()
class LogProcessor(MMEngineLogProcessor):
    """One line that a person can read; all figures, by groups, for TensorBoard and scalars.json.

    A line of training has epoch, step, ETA, the loss and its terms, the learning rates, images per second and memory.
    Tags are `train/loss`, `train/time`, `lr/encoder`, `val/abs_rel`, `val/time` and so on, so that the time of training
    and that of validation are two things.

    Args:
        window_size: losses, times, gradient norm and throughput are means over this many iterations; those that are
            not finite do not count.
    """

    def __init__(self, window_size: int = 10) -> None:
        super().__init__(window_size=window_size)

    def get_log_after_iter(self, runner, batch_idx: int, mode: str) -> tuple[dict[str, float], str]:
        """Tags and line of an iteration.

        Args:
            runner: the Runner.
            batch_idx: number of the batch in its epoch, from 0 on.
            mode: "train", "val" or "test".
        """
        tags = self.figures(runner.message_hub, mode, self.window_size)
        parts = [self.place(runner, batch_idx + 1, mode)]
        if mode == "train":
            tags["train/epoch"] = runner.epoch + 1
            parts.append(f"step: {runner.iter + 1}/{runner.max_iters}")
        eta = runner.message_hub.get_info("eta")
        if eta is not None:
            parts.append(f"eta: {timedelta(seconds=int(eta))}")
        if mode == "train":
            parts += [f"{tag.removeprefix('train/')}: {value:.4f}" for tag, value in tags.items() if is_loss(tag)]
            parts += shown_rates(tags)
            parts += [f"images/s: {tags[THROUGHPUT]:.1f}"] if THROUGHPUT in tags else []
            parts += [f"memory: {tags['train/memory_mib']:.0f} MiB"] if "train/memory_mib" in tags else []
        return finite(tags), "  ".join(parts)

    def get_log_after_epoch(
        self, runner, batch_idx: int, mode: str, with_non_scalar: bool = False
    ) -> tuple[dict[str, object], str]:
        """Tags and line of a validation or a test.

        Args:
            runner: the Runner.
            batch_idx: number of batches, over which times are means.
            mode: "val" or "test".
            with_non_scalar: whether the tags hold results that are no numbers too; the line always does.
        """
        tags = self.figures(runner.message_hub, mode, batch_idx)
        others = {tag: value for tag, value in runner.message_hub.runtime_info.items() if tag.startswith(f"{mode}/")}
        parts = [self.place(runner, batch_idx, mode)]
        for tag, value in (tags | others).items():
            if tag not in (f"{mode}/time", f"{mode}/data_time"):
                shown = f"{value:.4f}" if isinstance(value, float) else value
                parts.append(f"{tag.removeprefix(f'{mode}/')}: {shown}")
        return finite(tags) | (others if with_non_scalar else {}), "  ".join(parts)

    def figures(self, hub: MessageHub, mode: str, window: int) -> dict[str, float]:
        """The scalars of a mode, with the learning rates if it trains."""
        groups = ("train/", "lr/") if mode == "train" else (f"{mode}/",)
        return {
            tag: figure(tag, history, window)
            for tag, history in hub.log_scalars.items()
            if tag.startswith(groups) and tag not in REPEATED
        }

    def place(self, runner, batch: int, mode: str) -> str:
        """Where the run stands, such as `Epoch(train) [ 3][ 10/654]`."""
        batches = self._get_dataloader_size(runner, mode)
        place = f"[{batch:{len(str(batches))}}/{batches}]"
        if mode == "test":
            return f"Epoch(test) {place}"
        return f"Epoch({mode}) [{self._get_epoch(runner, mode):{len(str(runner.max_epochs))}}]{place}"


def figure(tag: str, history: HistoryBuffer, window: int) -> float:
    """The latest value, or the mean over a window for what scatters; of images per second it is the harmonic one."""
    if not (is_loss(tag) or tag.endswith(("/time", "/data_time")) or tag in ("train/grad_norm", THROUGHPUT)):
        return history.current().item()
    values = history.data[0][-window:]
    values = values[np.isfinite(values)]
    if not len(values):
        return math.nan
    return float(1 / np.mean(1 / values) if tag == THROUGHPUT else np.mean(values))


def is_loss(tag: str) -> bool:
    """Whether a tag is the training loss or one of its terms."""
    return tag.startswith("train/") and "loss" in tag


def shown_rates(tags: Mapping[str, float]) -> list[str]:
    """The learning rates, of groups that share one the first alone; without a name where all do.

    >>> shown_rates({"lr/encoder": 1e-6, "lr/decoder": 1e-5, "lr/head.output": 1e-5})
    ['lr: encoder 1.00e-06, decoder 1.00e-05']
    >>> shown_rates({"lr/encoder": 0.01, "lr/decoder": 0.01})
    ['lr: 1.00e-02']
    """
    names: dict[float, str] = {}
    for tag, value in tags.items():
        if tag.startswith("lr/"):
            names.setdefault(value, f"{tag.removeprefix('lr/')} ")
    if not names:
        return []
    return ["lr: " + ", ".join(f"{name if len(names) > 1 else ''}{value:.2e}" for value, name in names.items())]


def finite(tags: Mapping[str, float]) -> dict[str, float]:
    """The tags whose values JSON knows."""
    return {tag: value for tag, value in tags.items() if math.isfinite(value)}
