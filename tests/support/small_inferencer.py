"""A config and weights of a network that is small enough to predict in a test, and whose maps vary."""

from pathlib import Path

import torch
from mmengine.config import Config

import support.tiny_training  # noqa: F401  registers the architecture
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS

__all__ = ["small_config", "write_small_weights"]

SMALL = {
    "model.backbone.arch": "tiny",
    "model.backbone.out_indices": (0, 1, 2, 3),
    "model.head.features": 8,
    "model.head.out_channels": [8, 8, 8, 8],
}


def small_config(size: int = 56) -> Config:
    """`dav2/vits_nyu` in small, for images of that size."""
    return load_config("configs/dav2/vits_nyu.py", {**SMALL, "test_dataloader.dataset.pipeline.resize.size": size})


def write_small_weights(cfg: Config, folder: Path) -> Path:
    """Writes weights that are drawn so that maps vary."""
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    for value in model.parameters():
        if value.ndim > 1:
            torch.nn.init.normal_(value, std=0.1)
    path = folder / "model.pth"
    torch.save({"state_dict": model.state_dict()}, path)
    return path
