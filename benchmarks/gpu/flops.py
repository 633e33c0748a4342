"""Floating point operations of the models, and how many a GPU could do."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.peers import MdetoolsDepth

__all__ = ["model_flops", "peak_flops", "utilization"]

# Dense peak by the beginning of the device's name: of bf16 and fp16, TF32 and fp32, operations per second.
PEAKS = {
    "NVIDIA H100 PCIe": (756e12, 378e12, 51e12),
    "NVIDIA H100 NVL": (835e12, 417e12, 60e12),
    "NVIDIA H100": (989e12, 494e12, 67e12),
    "NVIDIA H200": (989e12, 494e12, 67e12),
    "NVIDIA A100": (312e12, 156e12, 19.5e12),
}
COLUMNS = {"bf16": 0, "fp16": 0, "tf32": 1, "fp32": 2}


def peak_flops(device: str, precision: str) -> float | None:
    """The dense peak of a device; None for one that the table does not know.

    >>> peak_flops("NVIDIA H100 80GB HBM3", "bf16")
    989000000000000.0
    """
    for name, peaks in PEAKS.items():
        if device.startswith(name):
            return peaks[COLUMNS[precision]]
    return None


def utilization(flops_per_image: float, images_s: float, device: str, precision: str) -> float | None:
    """Model FLOPs utilisation, 0..1; None where the peak is not known."""
    peak = peak_flops(device, precision)
    return peak and flops_per_image * images_s / peak


def model_flops(arch: str, size: int, training: bool) -> int:
    """Operations of one image, forward, and backward in training, without what is computed again.

    Counted on the meta device, which computes nothing and has attention as plain matrix products. Losses have none.
    """
    with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.set_grad_enabled(training):
        depth = MdetoolsDepth(arch)(torch.empty(1, 3, size, size))
        if training:
            depth.sum().backward()
    return counter.get_total_flops()
