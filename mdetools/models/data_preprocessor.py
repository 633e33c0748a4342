"""From the uint8 batch of the loader to what a model takes, on the model's device."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from mdetools.contract import FIELDS, Targets, names_of
from mdetools.registry import BATCH_STEPS, MODELS

__all__ = ["IMAGENET_MEAN", "IMAGENET_STD", "DataPreprocessor"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@MODELS.register_module(name=["DataPreprocessor", "DepthDataPreprocessor"])  # the second is its name in version 0.1
class DataPreprocessor(BaseDataPreprocessor):
    """Moves a batch to the device, takes the batch steps, and normalises the image.

    Args:
        mean: of the red, green and blue channel of images in [0, 1].
        std: deviations, likewise.
        steps: named configs from BATCH_STEPS, taken in turn, each called as `step(targets, training) -> targets`; a
            None is left out. They see images in [0, 1], before normalisation. What a training step draws at random
            comes from torch's generator, which the training loop seeds by (seed, iteration, rank).
    """

    def __init__(
        self,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        steps: dict[str, dict | None] | None = None,
    ) -> None:
        super().__init__(non_blocking=True)
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)
        # A plain dict: what a step holds, such as a teacher, is no part of the model.
        self.steps = {name: BATCH_STEPS.build(cfg) for name, cfg in (steps or {}).items() if cfg is not None}

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepares one batch.

        Args:
            data: a batch of `Sample` dicts; images are uint8 (B, 3, H, W).
            training: whether this is a training step.

        Returns:
            `dict(image=..., targets=...)`: the normalised image (B, 3, H, W), float32, and the batch as `Targets`. What
            steps wrote of kind `channels` stands behind the image's own channels.
        """
        targets = self.to_device(data)
        for step in self.steps.values():
            targets = step(targets, training)
        channels = [targets[name] for name in names_of(targets, "channels")]
        image = self.normalize(targets["image"])
        return {"image": torch.cat([image, *channels], 1) if channels else image, "targets": targets}

    def to_device(self, data: dict) -> Targets:
        """The batch on the device, its images in [0, 1]; what the host needs to know stays there."""
        host = {name: value for name, value in data.items() if name in FIELDS and FIELDS[name].on_host}
        targets = self.cast_data({name: value for name, value in data.items() if name not in host}) | host
        for name in names_of(targets, "image"):
            targets[name] = targets[name].float() / 255
        return targets

    def normalize(self, image: Tensor) -> Tensor:
        """Normalises images (B, 3, H, W) in [0, 1]."""
        return (image - self.mean) / self.std
