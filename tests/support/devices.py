"""Values on another device, and a GPU that is pretended where there is none."""

import contextlib
import warnings
from collections.abc import Iterator

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["PretendedGPU", "device_types", "moved", "recorded_waits"]


def tensors_of(values):
    """All tensors in dicts, lists and tuples."""
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, dict):
        yield from tensors_of(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from tensors_of(value)


def device_types(values) -> set[str]:
    """Where the tensors in dicts, lists and tuples lie, such as {"cuda"}."""
    return {tensor.device.type for tensor in tensors_of(values)}


def moved(values: dict, device) -> dict:
    """The dict with its tensors on a device."""
    return {key: value.to(device) if isinstance(value, torch.Tensor) else value for key, value in values.items()}


class PretendedGPU(FakeTensorMode):
    """Inside of it tensors have a device, a type and a shape, and no values.

    So "cuda" needs no GPU, and an operation on tensors of two devices raises as on one.
    """

    def take(self, values, host: tuple[str, ...] = (), device: str = "cuda"):
        """A tensor as one of the pretended GPU; of a dict, all but the names in `host`, which stay on the CPU."""
        if isinstance(values, dict):
            return {
                key: self.take(value, device="cpu" if key in host else device) if torch.is_tensor(value) else value
                for key, value in values.items()
            }
        with self:
            return torch.empty(values.shape, dtype=values.dtype, device=device)

    def take_module(self, module: nn.Module) -> nn.Module:
        """The module with parameters and buffers of the pretended GPU in place of its own."""
        for part in module.modules():
            for name, parameter in part.named_parameters(recurse=False):
                part._parameters[name] = nn.Parameter(self.take(parameter), parameter.requires_grad)
            for name, buffer in part.named_buffers(recurse=False):
                part._buffers[name] = self.take(buffer)
        return module


WAITING = {"_local_scalar_dense", "nonzero", "masked_select", "equal", "is_nonzero", "unique_dim", "_unique2"}


class _WaitingOperations(TorchDispatchMode):
    """Notes the operations that a GPU would have to wait for: their results are Python numbers, or sizes."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        indexed = name == "index" and any(one is not None and one.dtype == torch.bool for one in args[1])
        if name in WAITING or indexed:
            self.seen.append(name)
        return func(*args, **(kwargs or {}))


@contextlib.contextmanager
def recorded_waits(device: torch.device) -> Iterator[list[str]]:
    """The host's waits for the device in the block: torch's own warnings on a GPU, on the CPU what would wait there.

    What the CPU cannot tell is a copy to the host.
    """
    seen = []
    if device.type == "cpu":
        with _WaitingOperations(seen):
            yield seen
        return
    torch.cuda.synchronize()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield seen
        finally:
            torch.cuda.set_sync_debug_mode("default")
            seen += [
                f"{one.filename}:{one.lineno}: {one.message}" for one in caught if "called a sync" in str(one.message)
            ]
