"""TorchScript: the trace of a model at one size."""

import warnings
from pathlib import Path

import numpy as np
import torch

from mdetools.apis.export.graph import Graph, Sizes, example_image
from mdetools.errors import UserError, one_line

__all__ = ["open_torchscript", "write_torchscript"]


@torch.no_grad()
def write_torchscript(graph: Graph, sizes: Sizes, path: Path) -> None:
    """Writes a trace (.pt), which holds for one size.

    Raises:
        UserError: if the model cannot be traced.
    """
    assert not sizes.dynamic, sizes
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", torch.jit.TracerWarning)  # of sizes, which are constants of a trace
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.jit.trace(graph, example_image(sizes.size), check_trace=False).save(str(path))
    except (RuntimeError, TypeError) as error:
        raise UserError(
            f"torch.jit cannot trace this model ({one_line(error, 300)}); take --to torch_export, or see with --debug "
            "where"
        ) from error


def open_torchscript(path: Path):
    """What runs such a file: a function from images (B, 3, H, W) to values, numpy arrays of float32."""
    program = torch.jit.load(str(path))

    @torch.no_grad()
    def run(image: np.ndarray) -> np.ndarray:
        return program(torch.from_numpy(image)).numpy()

    return run
