"""Networks that are used in training and never trained: teachers, frozen encoders."""

import torch
from torch import Tensor, nn

from mdetools.models.model_config import without_training
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole

__all__ = ["FrozenNetwork"]


class FrozenNetwork:
    """Holds a network where nothing that collects the parts of a model finds it.

    It is no `nn.Module`, so that no state dict, checkpoint, optimiser, distributed wrapper or `train()` of the model
    that uses it reaches the network inside. A deep copy of the model, as averaged weights make one, shares it. It runs
    in evaluation mode, without gradients, under the caller's autocast, on the device of the image.

    Args:
        module: the network; it is set to evaluation mode and its parameters need no gradient any more.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = module.eval().requires_grad_(False)

    @classmethod
    def from_config(cls, model: dict, checkpoint: str | None = None, as_is: bool = False) -> "FrozenNetwork":
        """Builds a model and loads its weights.

        Args:
            model: config from MODELS; its losses are left out, and with a checkpoint all that `without_training` drops.
            checkpoint: weights of any known format, for the whole model; None leaves it as it is built.
            as_is: load the checkpoint even if it says that it was made for another model, with a warning.

        Raises:
            UserError: if the checkpoint cannot be read or does not fit.
        """
        with torch.random.fork_rng(devices=[]):  # the model that uses it starts as it would without
            module = MODELS.build({**model, "losses": None} if checkpoint is None else without_training(model))
        if checkpoint is not None:
            load_whole(module, checkpoint, as_is)
        return cls(module)

    def __deepcopy__(self, memo: dict) -> "FrozenNetwork":
        return self

    @torch.no_grad()
    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """The network's `Prediction` for images (B, 3, H, W) in [0, 1], which it normalises in its own way."""
        self.module.to(image.device)
        return self.module(self.module.data_preprocessor.normalize(image), mode="tensor")
