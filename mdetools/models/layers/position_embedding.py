"""Position embeddings of one grid of patches for images of another size."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["cubic_weights", "resample_by_matrices", "resample_pos_embed"]

A = -0.75  # slope of the cubic kernel at distance 1, as torch and OpenCV have it


def resample_pos_embed(pos_embed: Tensor, grid: tuple[int, int], offset: float | None = 0.1) -> Tensor:
    """Resamples the position embeddings of a square grid to another grid, bicubically.

    Args:
        pos_embed: (1, 1 + N * N, C), the class token's first.
        grid: (rows, columns) of the new grid.
        offset: DINOv2 adds 0.1 to the new size before it divides by the old one, and samples with that scale; Depth
            Anything V1 and V2 were trained so. None resamples to the exact size, as Hugging Face's Dinov2 does. The
            two differ wherever the grid is not the model's own.

    Returns:
        (1, 1 + rows * columns, C), in the type of `pos_embed`; the very same tensor if the grid is the model's own.
        Under `torch.export`, where the grid may be free, its values are computed for any grid; and under deterministic
        algorithms as on export, since the gradient of torch's own kernel on GPUs is none.
    """
    side = math.isqrt(int(pos_embed.shape[1]) - 1)
    free = torch.compiler.is_exporting()
    if not free and grid == (side, side):
        return pos_embed
    patches = pos_embed[:, 1:].float().unflatten(1, (side, side)).permute(0, 3, 1, 2)
    by_matrices = free or (patches.is_cuda and torch.are_deterministic_algorithms_enabled())
    patches = (resample_by_matrices if by_matrices else resample_by_interpolation)(patches, grid, offset)
    return torch.cat([pos_embed[:, :1], patches.flatten(2).transpose(1, 2).to(pos_embed.dtype)], dim=1)


def resample_by_interpolation(patches: Tensor, grid: tuple[int, int], offset: float | None) -> Tensor:
    """Resamples (1, C, N, N) to (1, C, rows, columns), a grid that is known and not N x N, by torch's own kernel."""
    if offset is None:
        return F.interpolate(patches, size=grid, mode="bicubic")
    side = int(patches.shape[-1])  # in a trace a tensor, which is no scale
    scale = tuple((cells + offset) / side for cells in grid)
    patches = F.interpolate(patches, scale_factor=scale, mode="bicubic")
    assert patches.shape[-2:] == grid
    return patches


def resample_by_matrices(patches: Tensor, grid: tuple[int, int], offset: float | None) -> Tensor:
    """`resample_by_interpolation` for a grid that is not known yet, as a product with one small matrix per axis.

    The graph has no branch and no output size that was computed in floating point. In the grid N x N the offset counts
    as 0, and each cell is taken as it is.

    Args:
        patches: (1, C, N, N).
        grid: (rows, columns), numbers or the symbols of `torch.export`.
        offset: see `resample_pos_embed`.

    Returns:
        (1, C, rows, columns).
    """
    side = patches.shape[-1]
    counts = [torch.ones(cells, dtype=torch.float64, device=patches.device).sum() for cells in grid]
    own = (counts[0] == side) & (counts[1] == side)
    vertical, horizontal = (
        cubic_weights(cells, side, torch.where(own, 1.0, side / (count + (offset or 0.0))), patches.dtype)
        for cells, count in zip(grid, counts, strict=True)
    )
    return vertical @ F.pad(patches, (2, 2, 2, 2), mode="replicate") @ horizontal.T


def cubic_weights(count: int, side: int, stride: Tensor, dtype: torch.dtype) -> Tensor:
    """Weights of cubic convolution along one axis whose border cells are repeated twice beyond the border.

    Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981. In float64, but rounded where torch's
    kernel rounds: the stride, and each place once, after a fused multiply and add.

    Args:
        count: samples.
        side: cells.
        stride: (), float64, cells from one sample to the next; the first lies at (stride - 1) / 2.
        dtype: of the cells.

    Returns:
        (count, side + 4), in `dtype`; each row sums to 1.
    """
    samples = torch.arange(count, dtype=torch.float64, device=stride.device) + 0.5
    places = (samples * stride.to(dtype).double() - 0.5).to(dtype)
    cells = torch.arange(-2, side + 2, dtype=torch.float64, device=stride.device)
    x = (places.double()[:, None] - cells).abs()
    near = ((A + 2) * x - (A + 3)) * x * x + 1
    far = ((A * x - 5 * A) * x + 8 * A) * x - 4 * A
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0)).to(dtype)
