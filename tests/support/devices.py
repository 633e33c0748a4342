"""Values on another device, and a GPU that is pretended where there is none."""

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

__all__ = ["PretendedGPU", "device_types", "moved"]


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
