"""What a layer must know of a model that is exported: that it is, and numbers in place of the tracer's tensors."""

import torch
from torch import Tensor

__all__ = ["is_exporting", "map_size"]


def is_exporting() -> bool:
    """Whether the forward pass is recorded as a graph, by `torch.export` (and ONNX on it) or `torch.jit.trace`.

    Such a graph has torch's own operations alone, so layers with an `autograd.Function` leave it out.
    """
    return torch.jit.is_tracing() or torch.compiler.is_exporting()


def map_size(x: Tensor) -> tuple[int, int]:
    """Height and width of a map (..., H, W): plain numbers, also in a trace, symbols where `torch.export` frees them.

    >>> map_size(torch.zeros(2, 3, 28, 42))
    (28, 42)
    """
    height, width = x.shape[-2:]
    # A tracer gives tensors here, which neither compare nor divide as numbers do; its graph holds for one size alone.
    return (int(height), int(width)) if torch.jit.is_tracing() else (height, width)
