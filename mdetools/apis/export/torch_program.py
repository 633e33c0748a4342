"""`torch.export`: one program for all sizes, or for one."""

from pathlib import Path

import numpy as np
import torch
from torch.export import Dim, ExportedProgram

from mdetools.apis.export.graph import Graph, Sizes, example_image
from mdetools.errors import UserError, one_line

__all__ = ["open_torch_program", "record", "write_torch_program"]

EXAMPLES = 2  # images of the example where their number is free: one image is a case of its own to torch


@torch.no_grad()
def record(graph: Graph, sizes: Sizes) -> ExportedProgram:
    """The program of a graph.

    Raises:
        UserError: if torch cannot record it, as where the model computes with values of the image in Python.
    """
    free = {"image": {0: Dim("batch", min=1), 2: Dim.DYNAMIC, 3: Dim.DYNAMIC}} if sizes.dynamic else None
    example = example_image(sizes.size, EXAMPLES if sizes.dynamic else 1)
    try:
        return torch.export.export(graph, (example,), dynamic_shapes=free)
    except Exception as error:  # of many kinds, by what the model does
        advice = "leave --dynamic out, or see with --debug where" if sizes.dynamic else "see with --debug where"
        raise UserError(f"torch.export cannot record this model ({one_line(error, 300)}); {advice}") from error


def write_torch_program(graph: Graph, sizes: Sizes, path: Path) -> None:
    """Writes a program of `torch.export` (.pt2).

    Raises:
        UserError: if torch cannot record it.
    """
    torch.export.save(record(graph, sizes), path)


def open_torch_program(path: Path):
    """What runs such a file: a function from images (B, 3, H, W) to values, numpy arrays of float32."""
    program = torch.export.load(path).module()

    @torch.no_grad()
    def run(image: np.ndarray) -> np.ndarray:
        return program(torch.from_numpy(image)).numpy()

    return run
