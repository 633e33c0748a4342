"""A made-up batch with every key of the contract."""

import torch

from mdetools.contract import Targets

__all__ = ["example_targets"]


def example_targets(size: tuple[int, int] = (24, 32)) -> Targets:
    """Two random images with every key of `Targets`, consistent with each other; a fifth of the pixels is invalid."""
    rng = torch.Generator().manual_seed(0)
    shape = (2, 1, *size)
    valid = torch.rand(shape, generator=rng) < 0.8
    depth = (1 + 8 * torch.rand(shape, generator=rng)) * valid
    focal, (height, width) = float(size[1]), size
    intrinsics = torch.tensor([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
    return {
        "image": torch.rand(2, 3, *size, generator=rng),
        "image_right": torch.rand(2, 3, *size, generator=rng),
        "depth": depth,
        "inverse_depth": torch.where(valid, 1 / depth, 0),
        "valid_mask": valid,
        "region": torch.zeros(shape, dtype=torch.int64),
        "intrinsics": intrinsics.expand(2, 3, 3),
        "baseline": torch.full((2,), 0.5),
        "meta": {"id": ["first", "second"]},
    }
