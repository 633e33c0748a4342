"""From the uint8 batch of the loader to what a model takes, on the model's device."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from mdetools.registry import MODELS

__all__ = ["IMAGENET_MEAN", "IMAGENET_STD", "DepthDataPreprocessor"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@MODELS.register_module()
class DepthDataPreprocessor(BaseDataPreprocessor):
    """Moves a batch to the device, then scales and normalises its images there.

    Args:
        mean: of the red, green and blue channel of images in [0, 1].
        std: deviations, likewise.
    """

    def __init__(self, mean: Sequence[float] = IMAGENET_MEAN, std: Sequence[float] = IMAGENET_STD) -> None:
        super().__init__(non_blocking=True)
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepares one batch.

        Args:
            data: a batch of `Sample`s; images are uint8 (B, 3, H, W).
            training: unused; here because MMEngine passes it.

        Returns:
            `dict(image=..., targets=...)`: the normalised image (B, 3, H, W), float32, and the batch as `Targets`.
        """
        targets = self.cast_data(data)
        for key in ("image", "image_right"):
            if key in targets:
                targets[key] = targets[key].float() / 255
        return {"image": self.normalize(targets["image"]), "targets": targets}

    def normalize(self, image: Tensor) -> Tensor:
        """Normalises images (B, 3, H, W) in [0, 1]."""
        return (image - self.mean) / self.std
