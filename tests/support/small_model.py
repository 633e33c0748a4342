"""An Estimator that trains in milliseconds, and a batch for it as a loader gives it."""

import torch

from mdetools.models import Estimator
from mdetools.registry import MODELS
from mdetools.testing import example_targets
from support import tiny_training  # noqa: F401  (registers the architecture "tiny")

__all__ = ["IMAGE_SIZE", "loader_batch", "small_estimator"]

IMAGE_SIZE = (28, 42)
OUTPUTS = {
    "depth": dict(type="SigmoidDepth", max_depth=10.0),
    "inverse_depth": dict(type="ReluInverseDepth"),
    "disparity": dict(type="SigmoidDisparity"),
}


def small_estimator(quantity: str = "depth", losses: dict | None = None, seed: int = 0, **options) -> Estimator:
    """Four blocks of 32 channels under a DPT head of 8, all weights drawn from the seed."""
    torch.manual_seed(seed)
    backbone = dict(type="DINOv2", arch="tiny", out_indices=(0, 1, 2, 3), attention=options.pop("attention", "auto"))
    head = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=OUTPUTS[quantity])
    return MODELS.build(dict(type="Estimator", backbone=backbone, head=head, losses=losses, **options))


def loader_batch(size: tuple[int, int] = IMAGE_SIZE) -> dict:
    """`example_targets` with uint8 images."""
    targets = example_targets(size)
    images = {key: (255 * targets[key]).to(torch.uint8) for key in ("image", "image_right", "image_clean")}
    return {**targets, **images}
