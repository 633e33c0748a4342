"""Models and what goes into them: a batch as a loader gives it, features as a backbone gives them."""

import torch
from torch import Tensor

from mdetools.models import Estimator
from mdetools.registry import MODELS
from mdetools.testing import example_targets
from support import tiny_training  # noqa: F401  (registers the architecture "tiny")

__all__ = [
    "METRIC",
    "OUTPUTS",
    "RELATIVE",
    "depth_anything",
    "features",
    "loader_batch",
    "normal_image",
    "small_estimator",
]

METRIC, RELATIVE = dict(type="SigmoidDepth", max_depth=10.0), dict(type="ReluInverseDepth")
OUTPUTS = {"depth": METRIC, "inverse_depth": RELATIVE, "disparity": dict(type="SigmoidDisparity")}
FOUR_BLOCKS = (0, 1, 2, 3)


def depth_anything(output: dict | None = METRIC, arch: str = "vits", head: dict | None = None, **backbone) -> Estimator:
    """Depth Anything in training mode, without losses.

    Args:
        output: of the head; None is the head's own.
        arch: of the backbone.
        head: further arguments of the head.
        backbone: further arguments of the backbone.
    """
    return MODELS.build(
        dict(
            type="Estimator",
            backbone=dict(type="DINOv2", arch=arch, **backbone),
            head=dict(type="DPTHead", output=output, **(head or {})),
        )
    )


def small_estimator(
    quantity: str = "depth", losses: dict | None = None, attention: str = "auto", flip_test: str | None = None
) -> Estimator:
    """Depth Anything that trains in milliseconds: blocks of 32 channels and a head of 8; always the same weights."""
    torch.manual_seed(0)
    backbone = dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS, attention=attention)
    head = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=OUTPUTS[quantity])
    return MODELS.build(dict(type="Estimator", backbone=backbone, head=head, losses=losses, flip_test=flip_test))


def loader_batch(size: tuple[int, int] = (28, 42)) -> dict:
    """`example_targets` with uint8 images."""
    targets = example_targets(size)
    images = {key: (255 * targets[key]).to(torch.uint8) for key in ("image", "image_right", "image_clean")}
    return {**targets, **images}


def normal_image(height: int, width: int, count: int = 1) -> Tensor:
    """Images of unit deviation, as normalised ones have it: (count, 3, height, width); always the same."""
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(1))


def features(source: dict, sizes: list[tuple[int, int]]) -> list[Tensor]:
    """Two images' random features, one map per size, with `source["in_channels"]` channels."""
    generator = torch.Generator().manual_seed(1)
    return [
        torch.randn(2, channels, *size, generator=generator)
        for channels, size in zip(source["in_channels"], sizes, strict=True)
    ]
