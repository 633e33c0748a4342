"""Which kernels a step spends its time in."""

from collections.abc import Callable

from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.gpu.record import on_gpu

__all__ = ["costliest_kernels"]


def costliest_kernels(step: Callable[[], object], count: int = 5) -> list[dict]:
    """The kernels with the largest sums of time, of a step after two others; on the CPU operations in their place.

    Returns:
        Name, calls, milliseconds, and share of all kernels' time, 0..1; the costliest first.
    """
    for _ in range(2):
        step()
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * on_gpu()
    with profile(activities=activities) as profiler:
        step()
    device, key = (DeviceType.CUDA, "self_device_time_total") if on_gpu() else (DeviceType.CPU, "self_cpu_time_total")
    events = [one for one in profiler.key_averages() if one.device_type == device and not one.is_user_annotation]
    total = sum(getattr(event, key) for event in events)
    events = sorted(events, key=lambda event: -getattr(event, key))[:count]
    return [
        {"name": event.key, "calls": event.count, "ms": getattr(event, key) / 1e3, "share": getattr(event, key) / total}
        for event in events
    ]
